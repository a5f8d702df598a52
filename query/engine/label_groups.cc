#include "query/engine/label_groups.h"

#include <algorithm>
#include <utility>

namespace skald::query {

LabelGroups::LabelGroups(bool without, std::vector<std::string> labels, EmptyLabels empty)
    : without_(without), names_(std::move(labels)), empty_(empty) {
  std::sort(names_.begin(), names_.end());
}

LabelGroups LabelGroups::Of(const std::optional<Grouping>& grouping, EmptyLabels empty) {
  if (!grouping.has_value()) return LabelGroups(false, {}, empty);
  return LabelGroups(grouping->without, grouping->labels, empty);
}

uint32_t LabelGroups::GroupOf(std::span<const LabelView> labels) {
  scratch_.clear();
  for (const LabelView& label : labels) {
    if (empty_ == EmptyLabels::kDropped && label.value.empty()) continue;
    const auto at = std::lower_bound(names_.begin(), names_.end(), label.name);
    const bool listed = at != names_.end() && *at == label.name;
    if (listed != without_) scratch_.push_back(label);
  }
  return table_.FindOrAdd(KeyOf(scratch_), scratch_);
}

}  // namespace skald::query
