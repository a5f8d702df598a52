// States of range functions whose windows are made of panes.
//
// Every state has rows (0: nothing added yet), Add(time, value, arrival), Merge(later state) and
// Value(seconds of the window). Merging two states gives what adding all their samples would,
// within floating-point error, and merging never subtracts: an infinity or NaN leaves with its
// pane.
#pragma once

#include <cmath>
#include <cstdint>

#include "query/engine/compensated_sum.h"
#include "query/syntax/ast.h"

namespace skald::query {

// count_over_time, rate, bytes_over_time, bytes_rate, absent_over_time.
template <bool kPerSecond>
struct CountState {
  uint64_t rows = 0;
  uint64_t total = 0;

  void Add(int64_t, double value, uint64_t) {
    ++rows;
    total += static_cast<uint64_t>(value);
  }
  void Merge(const CountState& later) {
    rows += later.rows;
    total += later.total;
  }
  double Value(double seconds) const {
    const auto value = static_cast<double>(total);
    return kPerSecond ? value / seconds : value;
  }
};

// sum_over_time, and rate of unwrapped values.
template <bool kPerSecond>
struct SumState {
  uint64_t rows = 0;
  CompensatedSum sum;

  void Add(int64_t, double value, uint64_t) {
    ++rows;
    sum.Add(value);
  }
  void Merge(const SumState& later) {
    rows += later.rows;
    sum.Merge(later.sum);
  }
  double Value(double seconds) const { return kPerSecond ? sum.Value() / seconds : sum.Value(); }
};

// min_over_time and max_over_time: NaN only if nothing else came.
template <bool kMaximum>
struct ExtremeState {
  uint64_t rows = 0;
  double extreme = 0;

  void Add(int64_t, double value, uint64_t) {
    if (rows++ == 0 || std::isnan(extreme) || (kMaximum ? value > extreme : value < extreme)) {
      extreme = value;
    }
  }
  void Merge(const ExtremeState& later) {
    if (later.rows == 0) return;
    const uint64_t all = rows + later.rows;
    Add(0, later.extreme, 0);
    rows = all;
  }
  double Value(double) const { return extreme; }
};

// avg_over_time. A second sum, of values so much smaller that it does not overflow, takes the place
// of one that did; values that are lost in it are nothing beside those that made the other
// overflow.
struct MeanState {
  static constexpr double kScale = 0x1p-64;

  uint64_t rows = 0;
  CompensatedSum sum;
  CompensatedSum scaled;

  void Add(int64_t, double value, uint64_t) {
    ++rows;
    sum.Add(value);
    scaled.Add(value * kScale);
  }
  void Merge(const MeanState& later) {
    rows += later.rows;
    sum.Merge(later.sum);
    scaled.Merge(later.scaled);
  }
  double Value(double) const {
    const double total = sum.Value();
    if (std::isfinite(total)) return total / static_cast<double>(rows);
    return scaled.Value() / static_cast<double>(rows) / kScale;
  }
};

// stdvar_over_time and stddev_over_time of the population.
template <bool kRoot>
struct SpreadState {
  uint64_t rows = 0;
  double mean = 0;
  double squares = 0;  // sum of squared distances from the mean

  void Add(int64_t, double value, uint64_t) {
    ++rows;
    const double distance = value - mean;
    mean += distance / static_cast<double>(rows);
    squares += distance * (value - mean);
  }
  void Merge(const SpreadState& later) {
    if (later.rows == 0) return;
    if (rows == 0) {
      *this = later;
      return;
    }
    const auto before = static_cast<double>(rows);
    rows += later.rows;
    const double share = static_cast<double>(later.rows) / static_cast<double>(rows);
    const double distance = later.mean - mean;
    mean += distance * share;
    squares += later.squares + distance * distance * before * share;
  }
  double Value(double) const {
    const double variance = squares / static_cast<double>(rows);
    return kRoot ? std::sqrt(variance) : variance;
  }
};

// first_over_time and last_over_time; of equal times the first (last) to arrive.
template <bool kLast>
struct EdgeState {
  uint64_t rows = 0;
  int64_t time = 0;
  uint64_t arrival = 0;
  double value = 0;

  void Add(int64_t t, double v, uint64_t a) { Merge({1, t, a, v}); }
  void Merge(const EdgeState& later) {
    if (later.rows == 0) return;
    const uint64_t all = rows + later.rows;
    if (rows == 0 || Replaces(later)) *this = later;
    rows = all;
  }
  double Value(double) const { return value; }

 private:
  bool Replaces(const EdgeState& other) const {
    if (other.time != time) return kLast ? other.time > time : other.time < time;
    return kLast ? other.arrival >= arrival : other.arrival < arrival;
  }
};

}  // namespace skald::query
