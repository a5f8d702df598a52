// The windows of a range aggregation, cut into panes.
//
// Window i is (t - range, t] with t = step i's time - offset. Time is cut at the windows' edges
// only, which gives at most two panes a step, whatever the numbers; every window is a run of whole
// panes. Where range < step the panes between windows are gaps.
#pragma once

#include <cstdint>
#include <vector>

#include "query/engine/step_grid.h"
#include "storage/model/timestamp.h"

namespace skald::query {

inline constexpr uint32_t kNoPane = UINT32_MAX;

// Threads: immutable.
class Windows {
 public:
  struct PaneRange {
    uint32_t begin;
    uint32_t end;
  };

  // `range` and `offset` in nanoseconds. Times beyond int64 saturate.
  Windows(const StepGrid& grid, int64_t range, int64_t offset);

  size_t steps() const { return windows_.size(); }
  PaneRange window(size_t step) const { return windows_[step]; }

  uint32_t panes() const { return static_cast<uint32_t>(gap_.size()); }
  // Pane p covers (edges()[p], edges()[p + 1]].
  const std::vector<int64_t>& edges() const { return edges_; }
  // True if no window has the pane.
  bool is_gap(uint32_t pane) const { return gap_[pane]; }

  // The pane that `time` lies in; kNoPane outside all windows. `hint` is a pane to try first.
  uint32_t PaneOf(int64_t time, uint32_t hint) const {
    if (hint < panes() && edges_[hint] < time && time <= edges_[hint + 1]) {
      return gap_[hint] ? kNoPane : hint;
    }
    return Search(time);
  }

  // True if some window has a time of the closed interval [min, max].
  bool Overlap(int64_t min, int64_t max) const;

  // The least half-open range that has all windows.
  TimeRange span() const;

 private:
  uint32_t Search(int64_t time) const;

  std::vector<int64_t> edges_;  // ascending, distinct
  std::vector<bool> gap_;       // per pane
  std::vector<PaneRange> windows_;
};

}  // namespace skald::query
