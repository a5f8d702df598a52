// Arithmetic on times that stays within int64: requests may name the first and the last moments.
#pragma once

#include <cstdint>
#include <limits>

namespace skald {

// a + b, or the end of int64 that the sum lies beyond.
constexpr int64_t SaturatingAdd(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
}

// a - b, or the end of int64 that the difference lies beyond.
constexpr int64_t SaturatingSubtract(int64_t a, int64_t b) {
  int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b > 0 ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
}

// How far `value` lies beyond the last multiple of `step`: 0 to step - 1. REQUIRES: step > 0.
constexpr int64_t BeyondMultiple(int64_t value, int64_t step) {
  const int64_t rest = value % step;
  return rest < 0 ? rest + step : rest;
}

// The last multiple of `step` at or before `value`; without one the least int64. REQUIRES: step >
// 0.
constexpr int64_t FloorToMultiple(int64_t value, int64_t step) {
  return SaturatingSubtract(value, BeyondMultiple(value, step));
}

}  // namespace skald
