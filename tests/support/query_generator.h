// Rows and LogQL queries made up from a seed, for holding the engine against the reference
// evaluator (reference_engine.h). The queries stay within what that understands.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/engine_harness.h"
#include "tests/support/random.h"

namespace skald::test_support {

// Time that generated rows span, from 0.
inline constexpr int64_t kGeneratedSpan = int64_t{120} * 1'000'000'000;

// Rows of a few streams with lines of JSON, logfmt and text, no two at the same time; some of them
// twice.
std::vector<PlainRow> GenerateRows(Random* random, size_t count);

class QueryGenerator {
 public:
  explicit QueryGenerator(Random* random) : random_(random) {}

  std::string LogQuery();
  // A metric query; `depth` operators at most, and perhaps one around them that keeps or orders
  // series.
  std::string TopMetricQuery(int depth);
  // One without that.
  std::string MetricQuery(int depth);

 private:
  bool Maybe(uint64_t one_in = 2) { return random_->OneIn(one_in); }
  std::string Pick(const std::vector<std::string>& from) { return random_->Pick(from); }

  std::string Selector();
  std::string LineFilter();
  std::string Parsers();
  std::string Parser();
  std::string Condition();
  std::string LabelFilter();
  std::string Format();
  // Stages of a log query, or of a metric query, in which errors must not remain.
  std::string Pipeline(bool metric);
  std::string Names();
  std::string Grouping();
  std::string RangeAggregation();
  std::string Binary(int depth);

  Random* const random_;
};

}  // namespace skald::test_support
