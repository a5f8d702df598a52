// Puts series into groups by some of their labels: for vector aggregation and vector matching.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "query/engine/series_table.h"
#include "query/syntax/ast.h"

namespace skald::query {

// Whether a label with an empty value differs from one that is absent.
enum class EmptyLabels { kKept, kDropped };

// Threads: externally synchronised.
class LabelGroups {
 public:
  // Groups by `labels`, or by all labels but these.
  LabelGroups(bool without, std::vector<std::string> labels, EmptyLabels empty);
  // No grouping: everything is one group.
  static LabelGroups Of(const std::optional<Grouping>& grouping, EmptyLabels empty);

  // The group of a series with these labels, numbered from 0 as they appear.
  uint32_t GroupOf(std::span<const LabelView> labels);

  uint32_t size() const { return table_.size(); }
  // The labels that the members of a group share. Live as long as this.
  std::span<const LabelView> labels(uint32_t group) const { return table_.labels(group); }

 private:
  bool without_;
  std::vector<std::string> names_;  // sorted
  EmptyLabels empty_;
  SeriesTable table_;
  std::vector<LabelView> scratch_;
};

}  // namespace skald::query
