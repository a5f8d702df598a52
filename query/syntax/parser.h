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
// text: "parse error at line 1, col 11: syntax error: unexpected $end, expecting } or ,". Trees are
// bounded: recursion over one is at most a few thousand calls deep.
StatusOr<Query> ParseQuery(std::string_view text);

// Whether `{}` may stand for every stream.
enum class EmptySelector { kRefused, kAllowed };

// Parses a bare stream selector, for labels, series and index endpoints. As in queries, matchers
// that every stream satisfies are refused, but some endpoints take `{}`, which gives no matchers. A
// pipeline is InvalidArgument "only label matchers are supported".
StatusOr<std::vector<Matcher>> ParseMatchers(std::string_view text,
                                             EmptySelector empty = EmptySelector::kAllowed);

}  // namespace skald::query
