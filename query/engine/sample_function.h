// Range functions that need every sample of a window: quantile_over_time and rate_counter.
#pragma once

#include <memory>
#include <vector>

#include "query/engine/range_function.h"

namespace skald::query {

struct TimedValue {
  int64_t time;
  uint64_t arrival;
  double value;
};

// The value of a window's samples, which are never none and ordered by (time, arrival).
class WindowFunction {
 public:
  virtual ~WindowFunction() = default;
  virtual double Value(std::span<const TimedValue> samples) = 0;
};

// Linear interpolation between the closest ranks; NaN sorts first.
std::unique_ptr<WindowFunction> NewQuantile(double quantile);

// Loki's counter rate: Prometheus' extrapolated increase with Loki's mixture of units, which is
// stable and relied upon (logql.md 8.2).
std::unique_ptr<WindowFunction> NewCounterRate(double range_seconds);

// Keeps samples per series and hands them to `function` window by window.
std::unique_ptr<RangeFunction> NewSampleFunction(std::unique_ptr<WindowFunction> function,
                                                 const Windows& windows, MemoryCharge* charge);

}  // namespace skald::query
