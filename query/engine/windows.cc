#include "query/engine/windows.h"

#include <algorithm>

#include "storage/base/saturating.h"

namespace skald::query {
namespace {

uint32_t IndexOf(const std::vector<int64_t>& edges, int64_t edge) {
  const auto at = std::lower_bound(edges.begin(), edges.end(), edge);
  return static_cast<uint32_t>(at - edges.begin());
}

}  // namespace

StepGrid StepGrid::Aligned(int64_t start, int64_t end, int64_t step) {
  const int64_t first = FloorToMultiple(start, step);
  const uint64_t distance = static_cast<uint64_t>(end) - static_cast<uint64_t>(first);
  const uint64_t width = static_cast<uint64_t>(step);
  uint64_t steps = distance / width;
  if (distance % width != 0) ++steps;
  return {first, step, static_cast<size_t>(steps) + 1};
}

Windows::Windows(const StepGrid& grid, int64_t range, int64_t offset) {
  std::vector<int64_t> ends(grid.count);
  for (size_t i = 0; i < grid.count; ++i) {
    ends[i] = SaturatingSubtract(grid.TimeOf(i), offset);
    edges_.push_back(ends[i]);
    edges_.push_back(SaturatingSubtract(ends[i], range));
  }
  std::sort(edges_.begin(), edges_.end());
  edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());

  gap_.assign(edges_.size() - 1, true);
  windows_.reserve(grid.count);
  uint32_t covered = 0;  // panes before this one are marked; windows only move forward
  for (const int64_t end : ends) {
    const PaneRange window{IndexOf(edges_, SaturatingSubtract(end, range)), IndexOf(edges_, end)};
    windows_.push_back(window);
    for (uint32_t p = std::max(covered, window.begin); p < window.end; ++p) gap_[p] = false;
    covered = std::max(covered, window.end);
  }
}

uint32_t Windows::Search(int64_t time) const {
  const auto at = std::lower_bound(edges_.begin(), edges_.end(), time);
  if (at == edges_.begin() || at == edges_.end()) return kNoPane;
  const auto pane = static_cast<uint32_t>(at - edges_.begin() - 1);
  return gap_[pane] ? kNoPane : pane;
}

bool Windows::Overlap(int64_t min, int64_t max) const {
  const auto at = std::lower_bound(edges_.begin(), edges_.end(), min);
  auto pane = static_cast<uint32_t>(at - edges_.begin());
  if (pane > 0) --pane;
  // Two gaps are never neighbours, so this ends at once.
  for (; pane < panes() && edges_[pane] < max; ++pane) {
    if (!gap_[pane] && edges_[pane + 1] >= min) return true;
  }
  return false;
}

TimeRange Windows::span() const {
  return {SaturatingAdd(edges_.front(), 1), SaturatingAdd(edges_.back(), 1)};
}

}  // namespace skald::query
