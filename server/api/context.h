// What the endpoints work on: the engines behind them and the settings in force.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/distributor.h"
#include "query/engine/engine.h"
#include "query/engine/limits.h"
#include "server/api/ingest_metrics.h"
#include "server/api/query_metrics.h"
#include "server/auth/authenticator.h"
#include "storage/base/clock.h"
#include "storage/base/memory_budget.h"
#include "storage/base/metrics.h"
#include "storage/base/thread_pool.h"
#include "storage/engine.h"

namespace skald::api {

class TailHub;

// Loki's version whose behaviour this is; clients switch features by it.
inline constexpr std::string_view kLokiVersion = "3.7.6";

struct ApiSettings {
  bool auth_enabled = false;
  std::string path_prefix;                 // before every path, such as `/loki-prefix`
  uint64_t max_push_bytes = 100ULL << 20;  // a push's body as received
  uint64_t max_form_bytes = 10ULL << 20;   // a query's form
  // What a query may look at, in bytes of lines or what takes as long, before it counts as heavy:
  // some hundredths of a second's work.
  uint64_t light_query_work = 16ULL << 20;
  // What a query may hold, in bytes, before it counts as heavy.
  uint64_t light_query_memory = 16ULL << 20;
  bool compress_responses = false;  // of queries, for clients that take gzip
  // Paths that are answered whoever asks, where there is an access list.
  std::vector<std::string> unguarded_paths;
  bool multi_tenant_queries_enabled = false;
  bool per_request_limits_enabled = false;
  bool patterns_enabled = true;
  std::chrono::nanoseconds tail_max_duration = std::chrono::hours(1);
  std::string address;     // host and port, as the ring pages show it
  int64_t start_time = 0;  // wall ns
};

// What a tenant's queries may do. Threads: immutable; shared by pointer.
struct TenantQuerySettings {
  query::QueryLimits limits;
  std::chrono::nanoseconds timeout = std::chrono::minutes(1);  // 0: none
  bool volume_enabled = true;
  bool deletes_enabled = true;
  uint32_t max_concurrent_tail_requests = 10;  // 0: any number
};

// Threads: thread-safe.
class QuerySettingsProvider {
 public:
  virtual ~QuerySettingsProvider() = default;
  // The settings in force for a tenant; never null.
  virtual std::shared_ptr<const TenantQuerySettings> QuerySettingsOf(std::string_view tenant) = 0;
};

// What /ready says. Until it is kReady, the engines below may be missing.
enum class Readiness { kStarting, kReady, kStopping };

// Threads: thread-safe; what stands below `readiness` is set before that becomes kReady, and then
// does not change.
struct ApiContext {
  ApiSettings settings;
  QuerySettingsProvider* query_settings = nullptr;
  MetricsRegistry* metrics = nullptr;
  IngestMetrics* ingest_metrics = nullptr;
  QueryMetrics* query_metrics = nullptr;
  auth::Authenticator* authenticator = nullptr;  // null: everyone is who they say they are
  MemoryBudget* query_memory = nullptr;          // charged for queries and the text of answers
  MemoryBudget* heavy_memory = nullptr;          // a part of it, charged for heavy queries
  MemoryBudget* tail_memory = nullptr;           // charged for the queries of tails
  MemoryBudget* waiting_memory = nullptr;        // a part of it, charged for what waits for tails
  const Clock* clock = nullptr;
  // The effective configuration as YAML: `mode` is empty, `defaults` or `diff`.
  std::function<std::string(std::string_view mode)> config_yaml;
  // The answer of drilldown-limits.
  std::function<std::string(std::string_view tenant)> drilldown_limits_json;
  // Its limits as YAML.
  std::function<std::string(std::string_view tenant)> tenant_limits_yaml;
  // Has the process end, soon.
  std::function<void()> request_stop;
  // Whether a client said that the process will be ended.
  mutable std::atomic<bool> shutdown_prepared = false;

  // Slower queries are logged, in nanoseconds; 0: none, below 0: all. May change at any time.
  std::atomic<int64_t> log_queries_longer_than = 0;

  std::atomic<Readiness> readiness = Readiness::kStarting;
  storage::Engine* engine = nullptr;
  storage::Reader* reader = nullptr;  // of one tenant or several, as Call::tenant names them
  query::QueryEngine* queries = nullptr;
  ThreadPool* scan_pool = nullptr;
  ingest::Distributor* distributor = nullptr;
  TailHub* tails = nullptr;
};

}  // namespace skald::api
