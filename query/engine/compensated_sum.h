// A sum of doubles whose rounding errors are carried along, so that the order in which values come,
// and with it where storage cut its parts, hardly ever shows in the result.
//
// Source: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974.
#pragma once

#include <cmath>

namespace skald::query {

// A value. Infinities and NaN behave as in a plain sum.
class CompensatedSum {
 public:
  void Add(double value) {
    const double next = sum_ + value;
    error_ += std::abs(sum_) >= std::abs(value) ? (sum_ - next) + value : (value - next) + sum_;
    sum_ = next;
  }
  void Merge(const CompensatedSum& other) {
    Add(other.sum_);
    error_ += other.error_;
  }
  double Value() const { return std::isfinite(sum_) ? sum_ + error_ : sum_; }

 private:
  double sum_ = 0;
  double error_ = 0;
};

}  // namespace skald::query
