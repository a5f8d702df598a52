// One series' values over the steps of a query; a step may have none.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "storage/model/labels.h"

namespace skald::query {

// Threads: externally synchronised.
class StepValues {
 public:
  StepValues() = default;
  explicit StepValues(size_t steps) : values_(steps), present_((steps + 63) / 64) {}

  size_t steps() const { return values_.size(); }
  bool Has(size_t step) const { return (present_[step / 64] >> (step % 64)) & 1; }
  // REQUIRES: Has(step).
  double operator[](size_t step) const { return values_[step]; }
  void Set(size_t step, double value) {
    values_[step] = value;
    present_[step / 64] |= uint64_t{1} << (step % 64);
  }
  void Remove(size_t step) { present_[step / 64] &= ~(uint64_t{1} << (step % 64)); }

  // True if no step has a value.
  bool empty() const {
    for (const uint64_t word : present_) {
      if (word != 0) return false;
    }
    return true;
  }

  // Calls f(step, value) for every step that has a value, in order.
  template <typename F>
  void ForEach(F&& f) const {
    for (size_t w = 0; w < present_.size(); ++w) {
      for (uint64_t bits = present_[w]; bits != 0; bits &= bits - 1) {
        const size_t step = w * 64 + static_cast<size_t>(__builtin_ctzll(bits));
        f(step, values_[step]);
      }
    }
  }

  static uint64_t MemoryOf(size_t steps) { return steps * sizeof(double) + steps / 8 + 64; }

 private:
  std::vector<double> values_;
  std::vector<uint64_t> present_;
};

struct Series {
  std::span<const LabelView> labels;  // sorted by name; lives in the query's arena
  StepValues values;
};

// Orders by labels: name, value, name, value, …; a prefix comes first.
inline bool LabelsLess(std::span<const LabelView> a, std::span<const LabelView> b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace skald::query
