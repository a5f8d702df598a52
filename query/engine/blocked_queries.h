// Queries that an operator does not let run (`blocked_queries`).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"

namespace skald::query {

// Blocks the queries that satisfy all of what is set in it.
struct BlockedQuery {
  std::string pattern;             // the query's text, or a regex found in it; empty: any
  bool regex = false;              // what `pattern` is
  std::vector<std::string> types;  // `metric`, `filter`, `limited`; empty: any
  uint32_t hash = 0;               // FNV-1 of the query's text; 0: any

  bool operator==(const BlockedQuery&) const = default;
};

// InvalidArgument if one of `blocked` blocks a query of this text and type. A regex that does not
// compile blocks nothing.
Status CheckNotBlocked(std::string_view text, std::string_view type,
                       std::span<const BlockedQuery> blocked);

}  // namespace skald::query
