#include "query/engine/engine.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "query/engine/log_query.h"
#include "query/engine/metric_query.h"
#include "query/engine/query_context.h"
#include "query/engine/selectors.h"

namespace skald::query {
namespace {

constexpr int64_t kSplitNanos = 3600 * int64_t{1000000000};

// Offsets do not count. Loki runs a query in pieces of an hour, or of its window if that is longer,
// and instant queries in pieces of their window: a window only counts with one such piece.
Status CheckLength(const Query& query, const QueryParams& params) {
  RETURN_IF_ERROR(CheckQueryLength(params.start, params.end, params.limits));
  if (params.instant) return absl::OkStatus();
  int64_t window = 0;
  for (const LogRange* range : RangesOf(query)) window = std::max(window, range->range_nanos);
  int64_t first = 0;
  if (__builtin_sub_overflow(params.end, std::max(kSplitNanos, window), &first))
    return absl::OkStatus();
  first = std::max(first, params.start);
  if (__builtin_sub_overflow(first, window, &first)) return absl::OkStatus();
  return CheckQueryLength(first, params.end, params.limits);
}

Status Check(const Query& query, const QueryParams& params) {
  if (params.instant && query.log() != nullptr) {
    return InvalidArgument(
        "log queries are not supported as an instant query type, please change your query to a "
        "range query type");
  }
  RETURN_IF_ERROR(CheckTimeRange(params.start, params.end, params.step));
  RETURN_IF_ERROR(CheckLength(query, params));
  if (query.log() != nullptr && params.limit == 0) {
    return InvalidArgument("limit must be a positive value");
  }
  if (query.metric() != nullptr && !params.instant && params.step <= 0) {
    return InvalidArgument(
        "zero or negative query resolution step widths are not accepted. Try a positive integer");
  }
  return CheckQuery(query, params.limit, params.drilldown, params.limits);
}

// An answer without data, of the type that the query has.
QueryResult EmptyResult(const Query& query, bool instant) {
  QueryResult result;
  if (query.metric() != nullptr) {
    MetricResult metric;
    metric.type = instant ? MetricResult::Type::kVector : MetricResult::Type::kMatrix;
    result.data = std::move(metric);
  }
  return result;
}

}  // namespace

StatusOr<QueryResult> QueryEngine::Run(const Query& query, const QueryParams& asked) const {
  RETURN_IF_ERROR(Check(query, asked));
  QueryParams params = asked;
  if (params.limits.max_query_lookback > 0) {
    const int64_t oldest = clock_->WallNanos() - params.limits.max_query_lookback;
    if (params.end < oldest) return EmptyResult(query, params.instant);
    params.start = std::max(params.start, oldest);
  }
  // Such a query stops once it has its lines.
  const LogExpr* const log = query.log();
  if (log != nullptr && !Filters(*log)) params.limits.max_query_bytes_read = 0;
  const int64_t begin = clock_->MonotonicNanos();
  const std::shared_ptr<const storage::Snapshot> snapshot = reader_->GetSnapshot(params.tenant);
  MemoryBudget memory("this query", params.limits.max_query_memory, params.memory);
  QueryContext context;
  context.snapshot = snapshot.get();
  context.pool = scan_pool_;
  context.budget = &memory;
  context.stop = params.stop;
  context.limits = &params.limits;
  context.drilldown = params.drilldown;
  context.now = clock_->WallNanos();

  StatusOr<QueryResult> result = QueryResult();
  if (log != nullptr) {
    result = RunLogQuery(*log, params, &context);
  } else {
    const StepGrid grid = params.instant ? StepGrid::Instant(params.end)
                                         : StepGrid::Aligned(params.start, params.end, params.step);
    result = RunMetricQuery(*query.metric(), grid, params.instant, params.memory, &context);
  }
  if (!result.ok()) return result;
  context.stats.exec_nanos = clock_->MonotonicNanos() - begin;
  result->stats = context.stats;
  result->warnings = std::move(context.warnings);
  return result;
}

}  // namespace skald::query
