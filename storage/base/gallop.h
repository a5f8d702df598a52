// Galloping search: for what most often lies near the place where one begins to look.
//
// Source: Bentley and Yao, "An almost optimal algorithm for unbounded searching", 1976.
#pragma once

#include <cstddef>

namespace skald {

// The last index in [begin, end) for which `holds` is true. REQUIRES: it holds for `begin`, and for
// no index after one for which it does not.
template <typename Holds>
size_t LastWhere(size_t begin, size_t end, Holds holds) {
  size_t step = 1;
  while (step < end - begin && holds(begin + step)) {
    begin += step;
    step *= 2;
  }
  for (step /= 2; step > 0; step /= 2) {
    if (step < end - begin && holds(begin + step)) begin += step;
  }
  return begin;
}

}  // namespace skald
