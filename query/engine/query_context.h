// What the parts of one running query share.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "query/engine/limits.h"
#include "query/engine/query_stats.h"
#include "query/stage/pipeline.h"
#include "storage/base/memory_budget.h"
#include "storage/base/stop.h"
#include "storage/base/thread_pool.h"
#include "storage/reader.h"

namespace skald::query {

// Threads: the query's own thread; workers may read everything but stats and warnings.
struct QueryContext {
  const storage::Snapshot* snapshot = nullptr;
  ThreadPool* pool = nullptr;       // optional
  MemoryBudget* budget = nullptr;   // the query's own
  const StopToken* stop = nullptr;  // optional
  const QueryLimits* limits = nullptr;
  bool drilldown = false;
  int64_t now = 0;  // wall ns

  QueryStats stats;
  std::vector<std::string> warnings;
};

// How a log query's output is used.
inline PipelineOptions LogOptions(const QueryContext& context) {
  PipelineOptions options;
  options.now_ns = context.now;
  return options;
}

}  // namespace skald::query
