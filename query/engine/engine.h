// Runs parsed LogQL queries against storage.
//
// A query is checked against its limits, planned, and run on one snapshot of the tenant: log
// queries by log_query.h, metric queries by metric_query.h. Scan work is spread over the pool that
// the engine was given; the calling thread takes part, so a full pool slows a query but never
// blocks it.
#pragma once

#include <cstdint>
#include <string>

#include "query/engine/limits.h"
#include "query/engine/result.h"
#include "query/syntax/ast.h"
#include "storage/base/clock.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/base/thread_pool.h"
#include "storage/reader.h"

namespace skald::query {

enum class Direction { kForward, kBackward };

struct QueryParams {
  std::string tenant;
  int64_t start = 0;  // ns; an instant query has start == end
  int64_t end = 0;    // ns
  int64_t step = 0;   // ns; not used by instant and log queries
  bool instant = false;

  // Log queries.
  int64_t interval = 0;  // ns; least distance between returned entries, 0: none
  uint32_t limit = 100;
  Direction direction = Direction::kBackward;
  // Group by stream labels alone and give each entry its metadata and parsed labels.
  bool categorize = false;

  // A request of Logs Drilldown: too many series give a partial answer with a warning.
  bool drilldown = false;
  QueryLimits limits;
  const StopToken* stop = nullptr;  // optional
  MemoryBudget* memory = nullptr;   // charged for what the query holds, and its result; optional
};

// Threads: thread-safe.
class QueryEngine {
 public:
  // Everything must outlive the engine. `scan_pool` may be null: queries then run on the calling
  // thread alone.
  QueryEngine(storage::Reader* reader, ThreadPool* scan_pool, const Clock* clock)
      : reader_(reader), scan_pool_(scan_pool), clock_(clock) {}

  // Answers a query. Log queries cover [start, end); metric queries are evaluated at every step of
  // [start, end], after rounding start down and end up to the step. Errors carry the HTTP status
  // that Loki gives them where it is not that of their code.
  StatusOr<QueryResult> Run(const Query& query, const QueryParams& params) const;

 private:
  storage::Reader* const reader_;
  ThreadPool* const scan_pool_;
  const Clock* const clock_;
};

}  // namespace skald::query
