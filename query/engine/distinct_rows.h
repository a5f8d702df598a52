// Rows that a pipeline has made equal.
//
// Storage holds no row twice, but a pipeline may leave rows of one stream and moment with the same
// line and labels (`line_format`, `drop`). As in Loki such rows are shown once.
#pragma once

#include "query/engine/query_context.h"
#include "query/engine/row_search.h"

namespace skald::query {

// As FindRows, with one row of those that the pipeline has made equal.
StatusOr<KeptRows> FindDistinctRows(const storage::Selection& selection, const LogExpr& log,
                                    TimeRange range, size_t limit, Direction direction,
                                    QueryContext* context);

}  // namespace skald::query
