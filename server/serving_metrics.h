// Metrics of how requests come in: connections, and work that waits for a thread.
#pragma once

#include <cstddef>

#include "server/api/query_pool.h"
#include "server/http/server.h"
#include "storage/base/metrics.h"
#include "storage/base/thread_pool.h"

namespace skald {

struct ServingParts {
  const http::Server* http = nullptr;
  size_t max_connections = 0;
  const ThreadPool* push_pool = nullptr;
  const api::QueryPool* query_pool = nullptr;
};

// The parts must live as long as the registry exposes.
void ExposeServingMetrics(const ServingParts& parts, MetricsRegistry* registry);

}  // namespace skald
