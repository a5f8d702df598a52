#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/support/reference_engine.h"

namespace skald::test_support {
namespace {

using query::BinaryOp;
using query::RangeOp;
using query::VectorOp;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

double Sum(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

double Variance(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = Sum(values) / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / count;
}

double Quantile(double quantile, std::vector<double> values) {
  if (quantile > 1) return std::numeric_limits<double>::infinity();
  std::sort(values.begin(), values.end());
  const double rank = quantile * static_cast<double>(values.size() - 1);
  const auto lower = static_cast<size_t>(rank);
  const size_t upper = std::min(lower + 1, values.size() - 1);
  const double weight = rank - std::floor(rank);
  return values[lower] * (1 - weight) + values[upper] * weight;
}

// Loki's extrapolation, with its microseconds (logql.md, rate_counter).
double CounterRate(const std::vector<ReferenceSample>& window, double range) {
  if (window.size() < 2) return 0;
  double increase = window.back().value - window.front().value;
  double previous = 0;
  for (const ReferenceSample& sample : window) {
    if (sample.value < previous) increase += previous;
    previous = sample.value;
  }
  const double sampled = static_cast<double>(window.back().time - window.front().time) / 1000;
  const double average = sampled / static_cast<double>(window.size() - 1);
  double to_start = range;
  if (increase > 0 && window.front().value >= 0) {
    to_start = std::min(to_start, sampled * (window.front().value / increase));
  }
  const double extent = sampled + (to_start < average * 1.1 ? to_start : average / 2) +
                        (0 < average * 1.1 ? 0 : average / 2);
  return increase * (extent / sampled) / range;
}

}  // namespace

double ReferenceFunction(const query::RangeAggregation& aggregation,
                         const std::vector<ReferenceSample>& window) {
  const double range = static_cast<double>(aggregation.range.range_nanos) / 1e9;
  const auto count = static_cast<double>(window.size());
  std::vector<double> values;
  std::vector<double> bytes;
  for (const ReferenceSample& sample : window) {
    values.push_back(sample.value);
    bytes.push_back(sample.bytes);
  }
  switch (aggregation.op) {
    case RangeOp::kCountOverTime:
    case RangeOp::kAbsentOverTime:
      return count;
    case RangeOp::kRate:
      return (aggregation.range.unwrap.has_value() ? Sum(values) : count) / range;
    case RangeOp::kRateCounter:
      return CounterRate(window, range);
    case RangeOp::kBytesOverTime:
      return Sum(bytes);
    case RangeOp::kBytesRate:
      return Sum(bytes) / range;
    case RangeOp::kSumOverTime:
      return Sum(values);
    case RangeOp::kAvgOverTime:
      return Sum(values) / count;
    case RangeOp::kMinOverTime:
      return *std::min_element(values.begin(), values.end());
    case RangeOp::kMaxOverTime:
      return *std::max_element(values.begin(), values.end());
    case RangeOp::kStdvarOverTime:
      return Variance(values);
    case RangeOp::kStddevOverTime:
      return std::sqrt(Variance(values));
    case RangeOp::kQuantileOverTime:
      return Quantile(*aggregation.parameter, values);
    case RangeOp::kFirstOverTime:
      return values.front();
    case RangeOp::kLastOverTime:
      return values.back();
  }
  return kNaN;
}

double ReferenceAggregate(VectorOp op, const std::vector<double>& values) {
  switch (op) {
    case VectorOp::kSum:
      return Sum(values);
    case VectorOp::kAvg:
      return Sum(values) / static_cast<double>(values.size());
    case VectorOp::kCount:
      return static_cast<double>(values.size());
    case VectorOp::kMax:
      return *std::max_element(values.begin(), values.end());
    case VectorOp::kMin:
      return *std::min_element(values.begin(), values.end());
    case VectorOp::kStddev:
      return std::sqrt(Variance(values));
    case VectorOp::kStdvar:
      return Variance(values);
    default:
      return kNaN;
  }
}

double ReferenceArithmetic(BinaryOp op, double left, double right) {
  switch (op) {
    case BinaryOp::kAdd:
      return left + right;
    case BinaryOp::kSub:
      return left - right;
    case BinaryOp::kMul:
      return left * right;
    case BinaryOp::kDiv:
      return right == 0 ? kNaN : left / right;
    case BinaryOp::kMod:
      return right == 0 ? kNaN : std::fmod(left, right);
    case BinaryOp::kPow:
      return std::pow(left, right);
    case BinaryOp::kEqual:
      return left == right;
    case BinaryOp::kNotEqual:
      return left != right;
    case BinaryOp::kGreater:
      return left > right;
    case BinaryOp::kGreaterOrEqual:
      return left >= right;
    case BinaryOp::kLess:
      return left < right;
    case BinaryOp::kLessOrEqual:
      return left <= right;
    default:
      return kNaN;
  }
}

}  // namespace skald::test_support
