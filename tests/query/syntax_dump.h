// A compact text of syntax trees, so that parser tests read as pairs.
#pragma once

#include <string>

#include "query/syntax/ast.h"

namespace skald::query {

// `(log {a="b"} (|= "x" ip:"y") (json a="b"))`, `(sum by:a,b (rate (log {a="b"}) [5s]))`.
// Durations are in seconds.
std::string Dump(const Query& query);

}  // namespace skald::query
