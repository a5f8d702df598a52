// Finds the leaves of queries: their ranges and selectors.
#pragma once

#include <vector>

#include "query/syntax/ast.h"

namespace skald::query {

// Every windowed log expression, from left to right. Pointers live as long as the query.
std::vector<const LogRange*> RangesOf(const Query& query);

// Every log expression, windowed or not.
std::vector<const LogExpr*> LogsOf(const Query& query);

}  // namespace skald::query
