// Finds the rows that a log query returns, as places in scan units.
//
// Units are visited in the query's direction and left alone once they cannot improve the answer.
// Without operators rows are ranked by time stamps alone; with operators they go through the
// pipeline in small batches, the best first. Lines of the answer are read later (row_reader.h).
#pragma once

#include "query/engine/query_context.h"
#include "query/engine/top_rows.h"
#include "query/syntax/ast.h"
#include "storage/model/timestamp.h"
#include "storage/reader.h"

namespace skald::query {

// The first `limit` rows in `direction` among the selection's rows in `range` that pass the
// pipeline, in that order.
StatusOr<KeptRows> FindRows(const storage::Selection& selection, const LogExpr& log,
                            TimeRange range, size_t limit, Direction direction,
                            QueryContext* context);

}  // namespace skald::query
