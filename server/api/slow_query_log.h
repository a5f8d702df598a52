// A line of the process log for every query that took long: who asked what, and what was read and
// skipped for it. Names are Loki's where it has one for the thing.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "query/engine/engine.h"
#include "query/engine/query_stats.h"

namespace skald::api {

struct FinishedQuery {
  std::string_view query;  // as asked
  std::string_view type;   // limited, filter or metric
  const query::QueryParams& params;
  std::chrono::nanoseconds duration{};
  std::chrono::nanoseconds queued{};  // before; not part of the duration
  int status = 200;
  const query::QueryStats* stats = nullptr;  // null: there was no result
};

// Logs the query if it took longer than `threshold`; 0: never, below 0: always.
void LogIfSlow(const FinishedQuery& query, std::chrono::nanoseconds threshold);

}  // namespace skald::api
