#include "server/app.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "ingest/distributor.h"
#include "ingest/record_decoder.h"
#include "query/engine/engine.h"
#include "server/api/context.h"
#include "server/api/dispatcher.h"
#include "server/engine_metrics.h"
#include "server/http/server.h"
#include "server/memory_plan.h"
#include "server/tenant_settings.h"
#include "storage/base/cgroup_memory.h"
#include "storage/base/cpu_count.h"
#include "storage/base/log.h"
#include "storage/base/thread_pool.h"
#include "storage/engine.h"

namespace skald {
namespace {

constexpr size_t kPushQueue = 1024;
constexpr size_t kQueryQueue = 64 << 10;
constexpr size_t kScanQueue = 4096;
constexpr size_t kAdminQueue = 64;

uint32_t Or(uint32_t value, uint32_t otherwise) { return value > 0 ? value : otherwise; }

MemoryPlan PlanFor(const config::ResourceConfig& skald) {
  const auto machine =
      static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t limit = skald.memory_limit > 0
                             ? skald.memory_limit
                             : DefaultMemoryLimit(MemoryLimitOfProcess(), machine);
  return PlanMemory(limit, skald.memtable_size, skald.page_cache_size);
}

api::ApiSettings ApiSettingsOf(const config::Config& config) {
  api::ApiSettings settings;
  settings.auth_enabled = config.auth_enabled;
  settings.path_prefix = config.server.http_path_prefix;
  settings.max_push_bytes = config.max_recv_msg_size;
  settings.max_form_bytes = config.max_body_size;
  settings.max_outstanding_per_tenant = config.max_outstanding_per_tenant;
  settings.query_timeout = config.limits.query_timeout;
  settings.query_limits = config.limits.query;
  settings.volume_enabled = config.limits.volume_enabled;
  return settings;
}

class RunningApp : public App {
 public:
  RunningApp(const config::Config& config, const MemoryPlan& plan)
      : config_(config),
        plan_(plan),
        bodies_("request bodies", plan.bodies),
        queries_("queries", plan.queries),
        ingest_metrics_(&metrics_),
        query_metrics_(&metrics_) {}
  ~RunningApp() override { Stop().IgnoreError(); }

  Status Init(const config::TenantOverrides& overrides) {
    ASSIGN_OR_RETURN(settings_, TenantSettings::Create(config_.limits, overrides));
    RETURN_IF_ERROR(OpenEngine());
    StartPools();
    MakeContext();
    dispatcher_ = std::make_unique<api::Dispatcher>(
        &context_, api::DispatcherPools{push_pool_.get(), query_pool_.get(), admin_pool_.get()});
    RETURN_IF_ERROR(Listen());
    context_.readiness = api::Readiness::kReady;
    LogStart();
    return absl::OkStatus();
  }

  uint16_t port() const override { return server_->port(); }

  Status Stop() override {
    if (engine_ == nullptr) return absl::OkStatus();
    context_.readiness = api::Readiness::kStopping;
    if (server_ != nullptr) server_->Stop(config_.server.graceful_shutdown_timeout);
    for (ThreadPool* pool :
         {push_pool_.get(), query_pool_.get(), admin_pool_.get(), scan_pool_.get()}) {
      if (pool != nullptr) pool->Stop();
    }
    return engine_->Close();
  }

 private:
  Status OpenEngine() {
    storage::EngineOptions options;
    options.directory = config_.skald.data_dir;
    options.decoder = &decoder_;
    options.memtable_bytes = plan_.memtable;
    options.memtable_age_nanos = config_.skald.memtable_max_age.count();
    options.page_cache_bytes = plan_.page_cache;
    options.free_space_reserve = config_.skald.free_space_reserve > 0
                                     ? config_.skald.free_space_reserve
                                     : 2 * plan_.memtable + 64_MiB;
    ASSIGN_OR_RETURN(engine_, storage::Engine::Open(options));
    ExportEngineMetrics(engine_.get(), &metrics_);
    return absl::OkStatus();
  }

  void StartPools() {
    const auto cpus = static_cast<uint32_t>(std::max(1, CpuCount()));
    const auto pool = [](const char* name, uint32_t threads, size_t queue) {
      return std::make_unique<ThreadPool>(name, static_cast<int>(threads), queue);
    };
    push_pool_ = pool("push", Or(config_.skald.push_threads, std::max(2u, cpus)), kPushQueue);
    query_pool_ =
        pool("query", Or(config_.skald.query_threads, config_.querier_max_concurrent), kQueryQueue);
    // The thread that answers a query scans with the pool.
    scan_pool_ = pool("scan", std::max(1u, cpus - 1), kScanQueue);
    admin_pool_ = pool("admin", 1, kAdminQueue);
  }

  void MakeContext() {
    engine_queries_ = std::make_unique<query::QueryEngine>(engine_->reader(), scan_pool_.get(),
                                                           &queries_, Clock::Real());
    ingest::DistributorOptions options;
    options.writer = engine_->writer();
    options.limits = settings_.get();
    options.memory = &bodies_;
    options.max_decompressed_size = config_.max_decompressed_size;
    distributor_ = std::make_unique<ingest::Distributor>(options);
    context_.settings = ApiSettingsOf(config_);
    context_.engine = engine_.get();
    context_.queries = engine_queries_.get();
    context_.distributor = distributor_.get();
    context_.metrics = &metrics_;
    context_.ingest_metrics = &ingest_metrics_;
    context_.query_metrics = &query_metrics_;
    context_.response_memory = &queries_;
    context_.clock = Clock::Real();
    context_.config_yaml = [this](std::string_view mode) {
      return config::ConfigYaml(config_, mode == "diff"       ? config::ConfigView::kDiff
                                         : mode == "defaults" ? config::ConfigView::kDefaults
                                                              : config::ConfigView::kEffective);
    };
    context_.drilldown_limits_json = [this] {
      return config::PublishedLimitsJson(config_, config_.limits);
    };
  }

  Status Listen() {
    const config::ServerConfig& from = config_.server;
    http::ServerOptions options;
    options.address = from.http_listen_address;
    options.port = from.http_listen_port;
    options.threads = static_cast<int>(Or(config_.skald.network_threads, 1));
    if (from.http_listen_conn_limit > 0) options.max_connections = from.http_listen_conn_limit;
    options.read_timeout = from.http_server_read_timeout;
    options.write_timeout = from.http_server_write_timeout;
    options.idle_timeout = from.http_server_idle_timeout;
    options.memory = &bodies_;
    ASSIGN_OR_RETURN(server_, http::Server::Start(options, dispatcher_.get()));
    return absl::OkStatus();
  }

  // What a user wants to know of a server that has just started.
  void LogStart() const {
    const storage::EngineStats stats = engine_->Stats();
    SKALD_LOG(kInfo, "serving", {{"port", server_->port()}, {"auth", config_.auth_enabled}});
    SKALD_LOG(kInfo, "data",
              {{"directory", config_.skald.data_dir},
               {"parts", stats.parts},
               {"bytes", stats.part_bytes},
               {"rows", stats.part_rows}});
    SKALD_LOG(
        kInfo, "memory",
        {{"limit", plan_.limit}, {"memtable", plan_.memtable}, {"page_cache", plan_.page_cache}});
    if (!config_.without_effect.empty()) {
      std::string keys;
      for (const std::string& key : config_.without_effect) {
        StrAppend(&keys, keys.empty() ? "" : " ", key);
      }
      SKALD_LOG(kInfo, "settings without effect here", {{"keys", keys}});
    }
  }

  const config::Config config_;
  const MemoryPlan plan_;
  MemoryBudget bodies_;
  MemoryBudget queries_;
  MetricsRegistry metrics_;
  api::IngestMetrics ingest_metrics_;
  api::QueryMetrics query_metrics_;
  ingest::PushRecordDecoder decoder_;
  std::unique_ptr<TenantSettings> settings_;
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<ThreadPool> push_pool_;
  std::unique_ptr<ThreadPool> query_pool_;
  std::unique_ptr<ThreadPool> scan_pool_;
  std::unique_ptr<ThreadPool> admin_pool_;
  std::unique_ptr<query::QueryEngine> engine_queries_;
  std::unique_ptr<ingest::Distributor> distributor_;
  api::ApiContext context_;
  std::unique_ptr<api::Dispatcher> dispatcher_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace

StatusOr<std::unique_ptr<App>> App::Start(const config::Config& config,
                                          const config::TenantOverrides& overrides) {
  auto app = std::make_unique<RunningApp>(config, PlanFor(config.skald));
  RETURN_IF_ERROR(app->Init(overrides));
  return std::unique_ptr<App>(std::move(app));
}

}  // namespace skald
