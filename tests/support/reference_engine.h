// A LogQL evaluator that is obviously right: every query goes through every row, one after the
// other, and every step of a metric query looks at every row anew. The engine is held against it.
//
// It shares the parser with the engine, and the leaves whose oddities are specified elsewhere: the
// regexes of label filters, Go's durations and sizes. It knows the stages and functions that the
// query generator (query_generator.h) writes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/engine/engine.h"
#include "query/syntax/ast.h"
#include "storage/base/status.h"
#include "tests/support/engine_harness.h"
#include "tests/support/reference_row.h"

namespace skald::test_support {

struct ReferenceEntry {
  ReferenceLabels labels;
  int64_t time = 0;
  std::string line;
};

struct ReferenceSeries {
  ReferenceLabels labels;
  std::vector<std::optional<double>> values;  // by step
};

// What a row counts for in a window.
struct ReferenceSample {
  int64_t time = 0;
  double value = 0;
  double bytes = 0;
};

struct ReferenceAnswer {
  std::vector<ReferenceEntry> entries;  // of a log query, in its direction
  std::vector<ReferenceSeries> series;  // of a metric query, none without values
};

// Threads: externally synchronised.
class ReferenceEngine {
 public:
  // Rows may be given more than once; they count once.
  explicit ReferenceEngine(const std::vector<PlainRow>& rows);

  StatusOr<ReferenceAnswer> Run(const query::Query& query, const query::QueryParams& params);

 private:
  using Vector = std::vector<ReferenceSeries>;

  Status RunLog(const query::LogExpr& log, const query::QueryParams& params,
                ReferenceAnswer* answer) const;
  // The rows that the selector and the pipeline let through, in time order. `unwrap` (null: none)
  // is what follows the pipeline.
  StatusOr<std::vector<ReferenceRow>> RunPipeline(const query::LogExpr& log,
                                                  const query::Unwrap* unwrap) const;

  StatusOr<Vector> Evaluate(const query::MetricExpr& expr) const;
  StatusOr<Vector> EvaluateRange(const query::RangeAggregation& aggregation,
                                 const query::VectorAggregation* sum) const;
  StatusOr<Vector> EvaluateBinary(const query::BinaryExpr& expr) const;

  std::vector<PlainRow> rows_;  // by time
  std::vector<int64_t> steps_;  // times of evaluation
};

// Functions of single windows and vectors, in reference_functions.cc.
double ReferenceFunction(const query::RangeAggregation& aggregation,
                         const std::vector<ReferenceSample>& window);
double ReferenceAggregate(query::VectorOp op, const std::vector<double>& values);
double ReferenceArithmetic(query::BinaryOp op, double left, double right);

}  // namespace skald::test_support
