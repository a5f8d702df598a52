#include "ingest/label_text.h"

#include <algorithm>
#include <cstddef>

namespace skald::ingest {

std::string_view LabelTextWriter::Write() {
  std::stable_sort(labels_.begin(), labels_.end(),
                   [](const LabelView& a, const LabelView& b) { return a.name < b.name; });
  text_ = "{";
  for (size_t i = 0; i < labels_.size(); ++i) {
    if (i + 1 < labels_.size() && labels_[i + 1].name == labels_[i].name) continue;
    if (text_.size() > 1) text_ += ", ";
    text_ += labels_[i].name;
    text_ += '=';
    AppendQuoted(&text_, labels_[i].value);
  }
  text_ += '}';
  return text_;
}

}  // namespace skald::ingest
