#include "query/engine/log_query.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "query/engine/distinct_rows.h"
#include "query/engine/log_result_builder.h"
#include "query/engine/row_reader.h"
#include "query/engine/row_search.h"
#include "query/engine/stream_selection.h"
#include "storage/base/saturating.h"

namespace skald::query {
namespace {

// Rows looked at in one go when most of them may be skipped by the interval.
constexpr size_t kIntervalPage = 4096;

// Narrows `range` to the times at least `interval` beyond `last` in the direction.
TimeRange Beyond(TimeRange range, int64_t last, int64_t interval, Direction direction) {
  if (direction == Direction::kForward) {
    range.begin = std::max(range.begin, SaturatingAdd(last, interval));
  } else {
    range.end = std::min(range.end, SaturatingSubtract(last, interval - 1));
  }
  return range;
}

// A range that begins where it ends is that one moment.
TimeRange RangeOf(const QueryParams& params) {
  const bool moment =
      params.start == params.end && params.end < std::numeric_limits<int64_t>::max();
  return {params.start, params.end + (moment ? 1 : 0)};
}

// Finds rows page by page and keeps those that lie far enough from the one kept before. Rows that
// are skipped cost only their search.
StatusOr<KeptRows> FindSpacedRows(const storage::Selection& selection, const LogExpr& log,
                                  const QueryParams& params, QueryContext* context) {
  TimeRange range = RangeOf(params);
  KeptRows kept{{}, MemoryCharge(context->budget)};
  while (kept.keys.size() < params.limit && !range.empty()) {
    ASSIGN_OR_RETURN(const KeptRows page,
                     FindRows(selection, log, range, kIntervalPage, params.direction, context));
    for (const RowKey& key : page.keys) {
      if (kept.keys.size() == params.limit || !range.Contains(key.time)) continue;
      RETURN_IF_ERROR(kept.charge.Add(sizeof(RowKey)));
      kept.keys.push_back(key);
      range = Beyond(range, key.time, params.interval, params.direction);
    }
    if (page.keys.size() < kIntervalPage) break;
  }
  return kept;
}

}  // namespace

StatusOr<QueryResult> RunLogQuery(const LogExpr& log, const QueryParams& params,
                                  QueryContext* context) {
  const TimeRange range = RangeOf(params);
  ASSIGN_OR_RETURN(const std::unique_ptr<storage::Selection> selection,
                   SelectStreams(log.matchers, range, context));
  QueryResult result;
  if (selection->streams().empty()) return result;  // even if a stage would not compile
  ASSIGN_OR_RETURN(const KeptRows rows, params.interval > 0
                                            ? FindSpacedRows(*selection, log, params, context)
                                            : FindDistinctRows(*selection, log, range, params.limit,
                                                               params.direction, context));
  result.memory = Reservation(params.memory);
  LogResultBuilder builder(rows.keys.size(), params.categorize, &result);
  RETURN_IF_ERROR(ReadRows(*selection, log, rows.keys, context,
                           [&](const ReadRow& row) { return builder.Add(row); }));
  builder.Finish();
  context->stats.entries_returned += rows.keys.size();
  return result;
}

}  // namespace skald::query
