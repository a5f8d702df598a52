// Pieces that the canonical and the pretty form share, internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "query/syntax/ast.h"

namespace skald::query {

// The selector: `{a="b", c=~"d"}`.
std::string PrintSelector(const LogExpr& log);
// `| unwrap bytes(x)`, without its filters.
std::string PrintUnwrap(const Unwrap& unwrap);
// ` by (a,b)` with `separator` between the labels.
std::string PrintGrouping(const Grouping& grouping, std::string_view separator);
// The operator with what stands between it and the right side: ` > bool on (a) group_left (b) `
// without the outer spaces; `separator` goes between labels.
std::string PrintOperator(const BinaryExpr& binary, std::string_view separator);
// True if `on (…)` or `ignoring (…)` stands without a group clause.
bool HasBareMatching(const BinaryExpr& binary);
// The number of a literal, and the call of a vector.
std::string PrintLiteral(double value);
std::string PrintVector(double value);
// `a,b` with `separator` for the comma.
std::string Join(const std::vector<std::string>& labels, std::string_view separator);

}  // namespace skald::query
