// Half-open ranges of time, in nanoseconds since the Unix epoch.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

namespace skald {

// The times t with begin <= t < end. LogQL's window (a, b] is [a + 1, b + 1).
struct TimeRange {
  int64_t begin = std::numeric_limits<int64_t>::min();
  int64_t end = std::numeric_limits<int64_t>::max();

  bool empty() const { return begin >= end; }
  bool Contains(int64_t ns) const { return begin <= ns && ns < end; }
  // True if a closed interval [min, max] has a time in the range.
  bool Overlaps(int64_t min, int64_t max) const { return !empty() && min < end && max >= begin; }
  // True if every time of the closed interval [min, max] lies in the range.
  bool Covers(int64_t min, int64_t max) const { return begin <= min && max < end; }
  TimeRange Intersect(TimeRange other) const {
    return {std::max(begin, other.begin), std::min(end, other.end)};
  }
  bool operator==(const TimeRange&) const = default;
};

}  // namespace skald
