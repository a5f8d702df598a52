#include "query/engine/ranking.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <utility>

#include "query/engine/label_groups.h"

namespace skald::query {
namespace {

// True if `a` ranks before `b`; NaN ranks behind everything.
bool Before(double a, double b, bool descending) {
  if (std::isnan(a)) return false;
  if (std::isnan(b)) return true;
  return descending ? a > b : a < b;
}

struct Candidate {
  double value;
  uint32_t series;
};

// The k first-ranking candidates, the last-ranking of them on top. Which of several equal values
// stay is decided by the heap's shape, so that it is built exactly as Go's container/heap does it.
class RankHeap {
 public:
  // REQUIRES: capacity > 0.
  RankHeap(size_t capacity, bool descending) : capacity_(capacity), descending_(descending) {}

  // Offers a candidate; the one that is left out comes back.
  std::optional<Candidate> Offer(Candidate candidate) {
    if (entries_.size() < capacity_) {
      Push(candidate);
      return std::nullopt;
    }
    if (!IsLast(entries_.front(), candidate)) return candidate;
    const Candidate dropped = PopTop();
    Push(candidate);
    return dropped;
  }

 private:
  // True if `a` ranks behind `b`.
  bool IsLast(const Candidate& a, const Candidate& b) const {
    return std::isnan(a.value) || Before(b.value, a.value, descending_);
  }

  void Push(Candidate candidate) {
    entries_.push_back(candidate);
    size_t child = entries_.size() - 1;
    while (child > 0) {
      const size_t parent = (child - 1) / 2;
      if (!IsLast(entries_[child], entries_[parent])) break;
      std::swap(entries_[child], entries_[parent]);
      child = parent;
    }
  }

  Candidate PopTop() {
    const Candidate top = entries_.front();
    entries_.front() = entries_.back();
    entries_.pop_back();
    size_t parent = 0;
    for (size_t child = 1; child < entries_.size(); child = 2 * parent + 1) {
      if (child + 1 < entries_.size() && IsLast(entries_[child + 1], entries_[child])) ++child;
      if (!IsLast(entries_[child], entries_[parent])) break;
      std::swap(entries_[child], entries_[parent]);
      parent = child;
    }
    return top;
  }

  const size_t capacity_;
  const bool descending_;
  std::vector<Candidate> entries_;
};

// Removes the value at `step` from all of `group` but the k first-ranking.
void KeepAtStep(size_t step, size_t k, bool descending, const std::vector<uint32_t>& group,
                std::vector<Series>* input) {
  RankHeap heap(k, descending);
  for (const uint32_t series : group) {
    const StepValues& values = (*input)[series].values;
    if (!values.Has(step)) continue;
    const std::optional<Candidate> dropped = heap.Offer({values[step], series});
    if (dropped.has_value()) (*input)[dropped->series].values.Remove(step);
  }
}

}  // namespace

std::vector<Series> KeepRanked(const VectorAggregation& aggregation, std::vector<Series> input) {
  if (input.empty()) return input;
  LabelGroups groups = LabelGroups::Of(aggregation.grouping, EmptyLabels::kKept);
  std::vector<std::vector<uint32_t>> series_of;  // by group
  for (uint32_t i = 0; i < input.size(); ++i) {
    const uint32_t group = groups.GroupOf(input[i].labels);
    if (group == series_of.size()) series_of.emplace_back();
    series_of[group].push_back(i);
  }
  const bool descending = aggregation.op != VectorOp::kBottomk;
  const auto k = static_cast<size_t>(std::max<int64_t>(aggregation.parameter, 1));
  for (const std::vector<uint32_t>& group : series_of) {
    if (group.size() <= k) continue;
    for (size_t step = 0; step < input[0].values.steps(); ++step) {
      KeepAtStep(step, k, descending, group, &input);
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
