// The recursive part of metric queries: from expressions to series.
#pragma once

#include <span>
#include <vector>

#include "query/engine/query_context.h"
#include "query/engine/step_grid.h"
#include "query/engine/step_values.h"
#include "query/syntax/ast.h"
#include "storage/base/arena.h"
#include "storage/base/memory_charge.h"

namespace skald::query {

// The depth of recursion is the expression's, which the parser bounds.
// Threads: externally synchronised. Labels of results live as long as the evaluator.
class MetricEvaluator {
 public:
  MetricEvaluator(const StepGrid& grid, QueryContext* context)
      : grid_(grid), context_(context), charge_(context->budget) {}

  // The series of an expression, in label order unless it sorts. A number is one series without
  // labels.
  StatusOr<std::vector<Series>> Evaluate(const MetricExpr& expr);

 private:
  StatusOr<std::vector<Series>> EvaluateNode(const RangeAggregation& aggregation);
  StatusOr<std::vector<Series>> EvaluateNode(const VectorAggregation& aggregation);
  StatusOr<std::vector<Series>> EvaluateNode(const BinaryExpr& expr);
  StatusOr<std::vector<Series>> EvaluateNode(const LiteralExpr& expr) {
    return Constant(expr.value);
  }
  StatusOr<std::vector<Series>> EvaluateNode(const VectorExpr& expr) {
    return Constant(expr.value);
  }
  StatusOr<std::vector<Series>> EvaluateNode(const LabelReplaceExpr& expr);
  StatusOr<std::vector<Series>> EvaluateNode(const VariantsExpr& expr);

  StatusOr<std::vector<Series>> Reduce(const VectorAggregation& aggregation);
  StatusOr<std::vector<Series>> Constant(double value);
  // Takes the series of a range aggregation as they come.
  Status Append(std::span<const LabelView> labels, StepValues values, std::vector<Series>* series);
  // Applies the limit on series: an error, or for Logs Drilldown a warning and fewer series.
  Status LimitSeries(std::vector<Series>* series);
  uint32_t ScanLimit() const;

  const StepGrid& grid_;
  QueryContext* const context_;
  MemoryCharge charge_;
  Arena arena_;
};

}  // namespace skald::query
