// How a range aggregation is computed: what makes a series, what a row counts for, and what its
// pipeline must know.
#pragma once

#include <span>
#include <string_view>

#include "query/engine/row_grouper.h"
#include "query/stage/pipeline.h"
#include "query/syntax/ast.h"

namespace skald::query {

enum class RowValue {
  kOne,
  kLineBytes,
  kUnwrapped,
};

struct RangePlan {
  SeriesGrouping grouping;
  PipelineOptions options;
  RowValue value = RowValue::kOne;
};

// True if `outer` can group the samples themselves in place of the series of `inner`: a sum of
// counts, rates or sums.
bool CanFuse(const VectorAggregation& outer, const RangeAggregation& inner);

// Plans `aggregation`; `fused` is the aggregation around it if CanFuse, else null. The plan points
// into the aggregation.
RangePlan PlanRange(const RangeAggregation& aggregation, const VectorAggregation* fused);

// What tells rows of one stream apart under a grouping.
enum class RowLabels {
  kNone,
  kLevel,  // detected_level alone
  kAny,
};

// What structured metadata of these names does.
RowLabels RowLabelsOf(const SeriesGrouping& grouping,
                      std::span<const std::string_view> metadata_names);

}  // namespace skald::query
