// LogQL text to syntax tree: lexing, parsing, and every check that Loki makes while parsing.
#pragma once

#include <string_view>
#include <vector>

#include "query/syntax/ast.h"
#include "storage/base/status.h"

namespace skald::query {

// Queries of this many bytes or more are refused.
inline constexpr size_t kMaxQueryBytes = 131072;

// Parses and checks a query. Literal arithmetic is folded. Errors are InvalidArgument with Loki's
// text: "parse error at line 1, col 11: syntax error: unexpected $end, expecting } or ,".
StatusOr<Query> ParseQuery(std::string_view text);

// Parses a bare stream selector, for labels, series and index endpoints. `{}` and selectors that
// match everything are allowed. A pipeline is InvalidArgument "only label matchers are supported".
StatusOr<std::vector<Matcher>> ParseMatchers(std::string_view text);

}  // namespace skald::query
