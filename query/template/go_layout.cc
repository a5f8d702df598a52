#include "query/template/go_layout.h"

#include <cstddef>

#include "storage/base/ascii.h"

namespace skald {
namespace {

struct Word {
  std::string_view text;
  LayoutField field;
  // The word is no element when a lower-case letter follows ("Month").
  bool whole = false;
};

// In order of preference: a longer word before its own beginning.
constexpr Word kWords[] = {
    {"January", LayoutField::kLongMonth},
    {"Jan", LayoutField::kMonth, true},
    {"Monday", LayoutField::kLongWeekday},
    {"Mon", LayoutField::kWeekday, true},
    {"MST", LayoutField::kZoneName},
    {"01", LayoutField::kZeroMonth},
    {"02", LayoutField::kZeroDay},
    {"03", LayoutField::kZeroHour12},
    {"04", LayoutField::kZeroMinute},
    {"05", LayoutField::kZeroSecond},
    {"06", LayoutField::kYear},
    {"002", LayoutField::kZeroYearDay},
    {"15", LayoutField::kHour},
    {"1", LayoutField::kNumMonth},
    {"2006", LayoutField::kLongYear},
    {"2", LayoutField::kDay},
    {"_2", LayoutField::kUnderDay},
    {"__2", LayoutField::kUnderYearDay},
    {"3", LayoutField::kHour12},
    {"4", LayoutField::kMinute},
    {"5", LayoutField::kSecond},
    {"PM", LayoutField::kUpperPm},
    {"pm", LayoutField::kLowerPm},
    {"-070000", LayoutField::kSecondsOffset},
    {"-07:00:00", LayoutField::kColonSecondsOffset},
    {"-0700", LayoutField::kOffset},
    {"-07:00", LayoutField::kColonOffset},
    {"-07", LayoutField::kShortOffset},
    {"Z070000", LayoutField::kIsoSecondsOffset},
    {"Z07:00:00", LayoutField::kIsoColonSecondsOffset},
    {"Z0700", LayoutField::kIsoOffset},
    {"Z07:00", LayoutField::kIsoColonOffset},
    {"Z07", LayoutField::kIsoShortOffset},
};

// The length of a fraction (`.000`, `,999`) at the front of `text`, or 0.
size_t FractionLength(std::string_view text) {
  if (text.size() < 2 || (text[1] != '0' && text[1] != '9')) return 0;
  size_t end = 1;
  while (end < text.size() && text[end] == text[1]) ++end;
  return end < text.size() && IsDigit(text[end]) ? 0 : end;
}

// The element at the very front of `text`; its text is empty when there is none.
LayoutElement ElementAt(std::string_view text) {
  if (text[0] == '.' || text[0] == ',') {
    const size_t length = FractionLength(text);
    const bool zeros = length > 0 && text[1] == '0';
    return {{},
            zeros ? LayoutField::kFractionZeros : LayoutField::kFractionNines,
            text.substr(0, length)};
  }
  // `_2006` is an underscore before a year.
  if (text.substr(0, 5) == "_2006") return {};
  for (const Word& word : kWords) {
    if (text.substr(0, word.text.size()) != word.text) continue;
    const std::string_view rest = text.substr(word.text.size());
    if (word.whole && !rest.empty() && rest[0] >= 'a' && rest[0] <= 'z') continue;
    return {{}, word.field, text.substr(0, word.text.size())};
  }
  return {};
}

}  // namespace

LayoutElement NextLayoutElement(std::string_view* layout) {
  for (size_t i = 0; i < layout->size(); ++i) {
    LayoutElement element = ElementAt(layout->substr(i));
    if (element.text.empty()) continue;
    element.prefix = layout->substr(0, i);
    layout->remove_prefix(i + element.text.size());
    return element;
  }
  const LayoutElement rest{*layout, LayoutField::kNone, {}};
  *layout = {};
  return rest;
}

}  // namespace skald
