// Answers log queries: finds the rows, then reads them.
#pragma once

#include "query/engine/engine.h"
#include "query/engine/query_context.h"
#include "query/engine/result.h"
#include "query/syntax/ast.h"

namespace skald::query {

// The first `params.limit` entries of [params.start, params.end) in the query's direction, at least
// `params.interval` apart. The answer's memory is charged to `params.memory`.
StatusOr<QueryResult> RunLogQuery(const LogExpr& log, const QueryParams& params,
                                  QueryContext* context);

}  // namespace skald::query
