#include "server/api/strictest_settings.h"

#include <algorithm>

namespace skald::api {
namespace {

// The smaller one; zero is no limit.
template <typename T>
T SmallerLimit(T a, T b) {
  if (a == T()) return b;
  return b == T() ? a : std::min(a, b);
}

}  // namespace

TenantQuerySettings Strictest(const TenantQuerySettings& a, const TenantQuerySettings& b) {
  TenantQuerySettings strictest = a;
  query::QueryLimits& limits = strictest.limits;
  const query::QueryLimits& other = b.limits;
  for (int64_t query::QueryLimits::*limit :
       {&query::QueryLimits::max_query_length, &query::QueryLimits::max_query_lookback,
        &query::QueryLimits::max_query_range}) {
    limits.*limit = SmallerLimit(limits.*limit, other.*limit);
  }
  for (uint32_t query::QueryLimits::*limit :
       {&query::QueryLimits::max_entries_limit_per_query, &query::QueryLimits::max_query_series,
        &query::QueryLimits::max_streams_matchers_per_query,
        &query::QueryLimits::volume_max_series}) {
    limits.*limit = SmallerLimit(limits.*limit, other.*limit);
  }
  for (uint64_t query::QueryLimits::*limit :
       {&query::QueryLimits::max_query_bytes_read, &query::QueryLimits::max_querier_bytes_read,
        &query::QueryLimits::max_query_memory}) {
    limits.*limit = SmallerLimit(limits.*limit, other.*limit);
  }
  limits.minimum_labels_number =
      std::max(limits.minimum_labels_number, other.minimum_labels_number);
  for (const std::string& label : other.required_labels) {
    auto& all = limits.required_labels;
    if (std::find(all.begin(), all.end(), label) == all.end()) all.push_back(label);
  }
  limits.blocked_queries.insert(limits.blocked_queries.end(), other.blocked_queries.begin(),
                                other.blocked_queries.end());
  strictest.timeout = SmallerLimit(strictest.timeout, b.timeout);
  strictest.volume_enabled = a.volume_enabled && b.volume_enabled;
  strictest.max_concurrent_tail_requests =
      SmallerLimit(a.max_concurrent_tail_requests, b.max_concurrent_tail_requests);
  return strictest;
}

}  // namespace skald::api
