// The paths of json extractions: `a.b[0]["c d"]`.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "storage/base/status.h"

namespace skald::query {

// A member's name or an array's index.
using JsonPathStep = std::variant<std::string, size_t>;

// Parses a path of at least one step. Errors carry Loki's text:
// "cannot parse expression [a..b]: syntax error: unexpected DOT, expecting FIELD".
StatusOr<std::vector<JsonPathStep>> ParseJsonPath(std::string_view text);

}  // namespace skald::query
