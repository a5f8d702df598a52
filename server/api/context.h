// What the endpoints work on: the engines behind them and the settings in force.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "ingest/distributor.h"
#include "query/engine/engine.h"
#include "query/engine/limits.h"
#include "server/api/ingest_metrics.h"
#include "server/api/query_metrics.h"
#include "storage/base/clock.h"
#include "storage/base/memory_budget.h"
#include "storage/base/metrics.h"
#include "storage/engine.h"

namespace skald::api {

// Loki's version whose behaviour this is; clients switch features by it.
inline constexpr std::string_view kLokiVersion = "3.7.6";

struct ApiSettings {
  bool auth_enabled = false;
  std::string path_prefix;                   // before every path, such as `/loki-prefix`
  uint64_t max_push_bytes = 100ULL << 20;    // a push's body as received
  uint64_t max_form_bytes = 10ULL << 20;     // a query's form
  size_t max_outstanding_per_tenant = 2048;  // queries that wait
  std::chrono::nanoseconds query_timeout = std::chrono::minutes(1);
  query::QueryLimits query_limits;
  bool volume_enabled = true;
};

// What /ready says.
enum class Readiness { kStarting, kReady, kStopping };

// Threads: the pointers and settings do not change; what they point to is thread-safe.
struct ApiContext {
  ApiSettings settings;
  storage::Engine* engine = nullptr;
  query::QueryEngine* queries = nullptr;
  ingest::Distributor* distributor = nullptr;
  MetricsRegistry* metrics = nullptr;
  IngestMetrics* ingest_metrics = nullptr;
  QueryMetrics* query_metrics = nullptr;
  MemoryBudget* response_memory = nullptr;  // charged for the text of answers
  const Clock* clock = nullptr;
  std::atomic<Readiness> readiness = Readiness::kStarting;
  // The effective configuration as YAML: `mode` is empty, `defaults` or `diff`.
  std::function<std::string(std::string_view mode)> config_yaml;
  // The published limits as the JSON object of drilldown-limits.
  std::function<std::string()> drilldown_limits_json;
};

}  // namespace skald::api
