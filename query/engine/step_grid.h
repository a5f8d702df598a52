// The moments at which a metric query is evaluated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

namespace skald::query {

// Steps start, start + step, …: `count` of them. An instant query has one.
struct StepGrid {
  int64_t start = 0;  // ns
  int64_t step = 0;   // ns
  size_t count = 1;

  // Saturates at the end of time.
  int64_t TimeOf(size_t i) const {
    int64_t distance = 0;
    int64_t time = 0;
    if (__builtin_mul_overflow(static_cast<int64_t>(i), step, &distance) ||
        __builtin_add_overflow(start, distance, &time)) {
      return std::numeric_limits<int64_t>::max();
    }
    return time;
  }

  static StepGrid Instant(int64_t time) { return {time, 0, 1}; }
  // `start` rounded down and `end` up to multiples of `step`. REQUIRES: step > 0, start <= end.
  static StepGrid Aligned(int64_t start, int64_t end, int64_t step);
};

}  // namespace skald::query
