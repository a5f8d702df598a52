#include "query/stage/row_labels.h"

#include <algorithm>

namespace skald::query {

const std::vector<LabelView>& RowLabels::Of(uint32_t row) {
  if (columns_.empty()) {
    for (const LabelColumn& column : batch_.columns()) columns_.push_back(&column);
    std::sort(columns_.begin(), columns_.end(), [](const LabelColumn* a, const LabelColumn* b) {
      return a->name != b->name ? a->name < b->name : a->category > b->category;
    });
  }
  labels_.clear();
  for (size_t i = 0; i < columns_.size(); ++i) {
    const std::string_view value = columns_[i]->cells[row];
    if (HasNoValue(value)) continue;
    if (!labels_.empty() && labels_.back().name == columns_[i]->name) continue;
    labels_.push_back({columns_[i]->name, value});
  }
  const size_t from_columns = labels_.size();
  const LabelSet& stream = batch_.stream(row).labels;
  for (size_t i = 0; i < stream.size(); ++i) {
    const LabelView label = stream[i];
    const auto end = labels_.begin() + static_cast<std::ptrdiff_t>(from_columns);
    const bool hidden = std::any_of(
        labels_.begin(), end, [&](const LabelView& other) { return other.name == label.name; });
    if (!hidden && batch_.Find(label.name, LabelCategory::kStream) == nullptr) {
      labels_.push_back(label);
    }
  }
  if (!IsAbsent(batch_.error(row))) labels_.push_back({kErrorLabel, batch_.error(row)});
  if (!IsAbsent(batch_.error_details(row))) {
    labels_.push_back({kErrorDetailsLabel, batch_.error_details(row)});
  }
  std::sort(labels_.begin(), labels_.end());
  return labels_;
}

}  // namespace skald::query
