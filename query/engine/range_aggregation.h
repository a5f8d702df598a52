// Evaluates range aggregations: the leaves of metric queries.
#pragma once

#include <span>

#include "absl/functional/function_ref.h"
#include "query/engine/query_context.h"
#include "query/engine/step_grid.h"
#include "query/engine/step_values.h"
#include "query/syntax/ast.h"

namespace skald::query {

// Takes one series; `labels` live only during the call.
using SeriesConsumer = absl::FunctionRef<Status(std::span<const LabelView> labels, StepValues)>;

// Computes `aggregation` at every step and hands over its series one by one in label order.
// `fused`: the aggregation around it, if that may group in its place (CanFuse), else null. More
// than `series_limit` series (0: any number) are an error.
Status EvaluateRange(const RangeAggregation& aggregation, const VectorAggregation* fused,
                     const StepGrid& grid, uint32_t series_limit, QueryContext* context,
                     SeriesConsumer consumer);

}  // namespace skald::query
