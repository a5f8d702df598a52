#include "query/engine/ranking.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "query/engine/label_groups.h"

namespace skald::query {
namespace {

// True if `a` ranks before `b`; NaN ranks behind everything.
bool Before(double a, double b, bool descending) {
  if (std::isnan(a)) return false;
  if (std::isnan(b)) return true;
  return descending ? a > b : a < b;
}

// Removes the value at `step` from all members but the k first-ranking.
void KeepAtStep(size_t step, size_t k, bool descending, std::vector<Series>* input,
                std::vector<uint32_t>* members) {
  if (members->size() <= k) return;
  const auto kept_end = members->begin() + static_cast<std::ptrdiff_t>(k);
  std::nth_element(members->begin(), kept_end, members->end(), [&](uint32_t a, uint32_t b) {
    const double left = (*input)[a].values[step];
    const double right = (*input)[b].values[step];
    if (Before(left, right, descending)) return true;
    if (Before(right, left, descending)) return false;
    return a < b;
  });
  for (auto at = kept_end; at != members->end(); ++at) (*input)[*at].values.Remove(step);
}

}  // namespace

std::vector<Series> KeepRanked(const VectorAggregation& aggregation, std::vector<Series> input) {
  if (input.empty()) return input;
  LabelGroups groups = LabelGroups::Of(aggregation.grouping);
  std::vector<std::vector<uint32_t>> series_of;  // by group
  for (uint32_t i = 0; i < input.size(); ++i) {
    const uint32_t group = groups.GroupOf(input[i].labels);
    if (group == series_of.size()) series_of.emplace_back();
    series_of[group].push_back(i);
  }
  const bool descending = aggregation.op != VectorOp::kBottomk;
  const auto k = static_cast<size_t>(std::max<int64_t>(aggregation.parameter, 0));
  std::vector<uint32_t> members;
  for (const std::vector<uint32_t>& group : series_of) {
    for (size_t step = 0; step < input[0].values.steps(); ++step) {
      members.clear();
      for (const uint32_t i : group) {
        if (input[i].values.Has(step)) members.push_back(i);
      }
      KeepAtStep(step, k, descending, &input, &members);
    }
  }
  std::erase_if(input, [](const Series& series) { return series.values.empty(); });
  return input;
}

void SortByValue(bool descending, std::vector<Series>* series) {
  if (series->empty() || series->front().values.steps() == 0) return;
  std::erase_if(*series, [](const Series& s) { return !s.values.Has(0) && s.values.steps() == 1; });
  std::stable_sort(series->begin(), series->end(), [&](const Series& a, const Series& b) {
    if (!a.values.Has(0) || !b.values.Has(0)) return a.values.Has(0) && !b.values.Has(0);
    return Before(a.values[0], b.values[0], descending);
  });
}

}  // namespace skald::query
