// topk and bottomk, sort and sort_desc: aggregations that keep or order whole series.
#pragma once

#include <vector>

#include "query/engine/step_values.h"
#include "query/syntax/ast.h"

namespace skald::query {

// Keeps, at every step, the `k` greatest (smallest) values of each group. Of equal values those
// stay that Loki keeps, provided that the input is in label order. NaN is kept only where fewer
// than k numbers are. Series left without values go.
std::vector<Series> KeepRanked(const VectorAggregation& aggregation, std::vector<Series> input);

// Orders series by their value at the first step, NaN last, equal ones as they were. Only instant
// queries show an order.
void SortByValue(bool descending, std::vector<Series>* series);

}  // namespace skald::query
