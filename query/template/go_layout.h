// The layout language of Go's time package: `2006-01-02T15:04:05.000Z07:00` and its elements.
#pragma once

#include <string_view>

namespace skald {

enum class LayoutField {
  kNone,  // no further element: the rest is literal
  kLongMonth,
  kMonth,
  kNumMonth,
  kZeroMonth,
  kLongWeekday,
  kWeekday,
  kDay,
  kUnderDay,
  kZeroDay,
  kUnderYearDay,
  kZeroYearDay,
  kHour,
  kHour12,
  kZeroHour12,
  kMinute,
  kZeroMinute,
  kSecond,
  kZeroSecond,
  kLongYear,
  kYear,
  kUpperPm,
  kLowerPm,
  kZoneName,
  // Offsets; with a Z for UTC in the first five.
  kIsoOffset,
  kIsoSecondsOffset,
  kIsoShortOffset,
  kIsoColonOffset,
  kIsoColonSecondsOffset,
  kOffset,
  kSecondsOffset,
  kShortOffset,
  kColonOffset,
  kColonSecondsOffset,
  kFractionZeros,  // .000: all digits
  kFractionNines,  // .999: without trailing zeros
};

// Literal text and the element that follows it; views into the layout.
struct LayoutElement {
  std::string_view prefix;
  LayoutField field = LayoutField::kNone;
  std::string_view text;
  int fraction_digits() const { return static_cast<int>(text.size()) - 1; }
};

// Cuts the next element off the front of `layout`.
LayoutElement NextLayoutElement(std::string_view* layout);

}  // namespace skald
