// What a tenant's queries may ask for, with Loki's defaults, and the checks that need no data.
//
// Each check returns the error that Loki's clients see, in Loki's words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "query/engine/blocked_queries.h"
#include "query/syntax/ast.h"
#include "storage/base/status.h"

namespace skald::query {

inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kHour = 3600 * kSecond;

// Zero (or empty) switches a limit off.
struct QueryLimits {
  int64_t max_query_length = 721 * kHour;  // ns
  int64_t max_query_lookback = 0;          // ns
  int64_t max_query_range = 0;             // ns; of a range aggregation's window
  uint32_t max_entries_limit_per_query = 5000;
  uint32_t max_query_series = 500;
  uint64_t max_query_bytes_read = 0;    // not of log queries that filter nothing
  uint64_t max_querier_bytes_read = 0;  // for each hour of the range
  uint32_t max_streams_matchers_per_query = 1000;
  std::vector<std::string> required_labels;
  uint32_t minimum_labels_number = 0;
  uint32_t volume_max_series = 1000;
  std::vector<BlockedQuery> blocked_queries;
  // Bytes that one query may hold at once, within the engine's budget.
  uint64_t max_query_memory = 1ULL << 30;

  bool operator==(const QueryLimits&) const = default;
};

// InvalidArgument when `end` precedes `start`, or when more than 11,000 steps lie between them.
Status CheckTimeRange(int64_t start, int64_t end, int64_t step);

// InvalidArgument when the range is longer than max_query_length.
Status CheckQueryLength(int64_t start, int64_t end, const QueryLimits& limits);

// True if a stage may drop lines: a line filter or a label filter.
bool Filters(const LogExpr& log);

// InvalidArgument when a window, a selector or the asked number of entries goes beyond the limits.
// `drilldown` requests may select internal streams.
Status CheckQuery(const Query& query, uint32_t limit, bool drilldown, const QueryLimits& limits);

}  // namespace skald::query
