// Evaluates metric expressions on a grid of steps.
#pragma once

#include "query/engine/engine.h"
#include "query/engine/query_context.h"
#include "query/engine/result.h"
#include "query/engine/step_grid.h"
#include "query/syntax/ast.h"

namespace skald::query {

// Answers a metric query: a vector (a scalar for a bare number) if `instant`, else a matrix. The
// answer's memory is charged to `budget`, everything else to the context's.
StatusOr<QueryResult> RunMetricQuery(const MetricExpr& expr, const StepGrid& grid, bool instant,
                                     MemoryBudget* budget, QueryContext* context);

}  // namespace skald::query
