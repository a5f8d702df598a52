#include "ingest/label_text.h"

#include <algorithm>
#include <cstddef>

namespace skald::ingest {
namespace {
// Bytes that quoting makes of one, at most.
constexpr size_t kQuotedByte = 4;
constexpr size_t kPunctuation = 8;
}  // namespace

StatusOr<std::string_view> LabelTextWriter::Write() {
  std::stable_sort(labels_.begin(), labels_.end(),
                   [](const LabelView& a, const LabelView& b) { return a.name < b.name; });
  text_ = "{";
  for (size_t i = 0; i < labels_.size(); ++i) {
    const auto& [name, value] = labels_[i];
    if (i + 1 < labels_.size() && labels_[i + 1].name == name) continue;
    RETURN_IF_ERROR(ReserveCharged(
        text_.size() + name.size() + kQuotedByte * value.size() + kPunctuation, memory_, &text_));
    if (text_.size() > 1) text_ += ", ";
    text_ += name;
    text_ += '=';
    AppendQuoted(&text_, value);
  }
  text_ += '}';
  return std::string_view(text_);
}

}  // namespace skald::ingest
