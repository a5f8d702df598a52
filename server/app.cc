#include "server/app.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "ingest/distributor.h"
#include "ingest/record_decoder.h"
#include "query/engine/engine.h"
#include "server/api/dispatcher.h"
#include "server/config/load.h"
#include "server/engine_metrics.h"
#include "server/http/server.h"
#include "server/limits_reloader.h"
#include "server/memory_plan.h"
#include "server/retention_policy.h"
#include "server/tenant_limits.h"
#include "storage/base/cgroup_memory.h"
#include "storage/base/cpu_count.h"
#include "storage/base/duration.h"
#include "storage/base/log.h"
#include "storage/base/thread_pool.h"
#include "storage/engine.h"

namespace skald {
namespace {

// Zero means no timeout in the configuration: a year is as good.
std::chrono::nanoseconds TimeoutOf(std::chrono::nanoseconds configured) {
  return configured.count() == 0 ? std::chrono::hours(24 * 365) : configured;
}

uint64_t MachineMemory() {
  return static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

constexpr size_t kPushQueue = 1000;    // pushes that wait for a thread
constexpr size_t kQueryQueue = 32000;  // queries of all tenants that wait
constexpr size_t kScanQueue = 4096;    // pieces of queries
constexpr size_t kAdminQueue = 16;
constexpr size_t kReservedFiles = 512;  // of the descriptors, not for connections

int OrDefault(uint32_t configured, int otherwise) {
  return configured != 0 ? static_cast<int>(configured) : otherwise;
}

size_t MaxConnections(uint32_t configured) {
  if (configured != 0) return configured;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return 1000;
  return std::clamp<size_t>(files.rlim_cur, kReservedFiles + 256, 65536) - kReservedFiles;
}

class AppImpl final : public App {
 public:
  explicit AppImpl(const config::Config& config);
  ~AppImpl() override;

  Status Start();
  uint16_t http_port() const override { return http_ == nullptr ? 0 : http_->port(); }
  Status Stop() override;

 private:
  void PrepareContext();
  Status StartHttp();
  Status OpenStorage(std::shared_ptr<const storage::RetentionPolicy> retention);
  void LogRetention() const;
  std::string DrilldownLimits(std::string_view tenant);

  const config::Config config_;
  const MemoryPlan plan_;
  Clock* const clock_ = Clock::Real();
  MetricsRegistry metrics_;
  api::IngestMetrics ingest_metrics_{&metrics_};
  api::QueryMetrics query_metrics_{&metrics_};
  MemoryBudget memory_;
  MemoryBudget body_memory_;
  MemoryBudget query_memory_;
  api::ApiContext context_;

  std::unique_ptr<TenantLimitsTable> limits_;
  std::optional<LimitsReloader> reloader_;
  ingest::PushRecordDecoder decoder_;
  std::unique_ptr<storage::Engine> engine_;
  std::optional<ingest::Distributor> distributor_;
  std::optional<ThreadPool> scan_pool_;
  std::optional<query::QueryEngine> queries_;
  ThreadPool push_pool_;
  ThreadPool query_pool_;
  ThreadPool admin_pool_;
  std::optional<api::Dispatcher> dispatcher_;
  std::unique_ptr<http::Server> http_;
  bool stopped_ = false;
};

AppImpl::AppImpl(const config::Config& config)
    : config_(config),
      plan_(PlanMemory(config.skald, MemoryLimitOfProcess(), MachineMemory())),
      memory_("the process", plan_.limit),
      body_memory_("requests", plan_.bodies, &memory_),
      query_memory_("queries", plan_.queries, &memory_),
      push_pool_("skald-push", OrDefault(config.skald.push_threads, CpuCount()), kPushQueue),
      query_pool_("skald-query", OrDefault(config.querier_max_concurrent, 4), kQueryQueue),
      admin_pool_("skald-admin", 1, kAdminQueue) {}

AppImpl::~AppImpl() {
  if (const Status status = Stop(); !status.ok()) {
    SKALD_LOG(kError, "stopping failed", {{"err", Message(status)}});
  }
}

Status AppImpl::Start() {
  ASSIGN_OR_RETURN(const config::TenantOverrides overrides, config::LoadOverrides(config_));
  ASSIGN_OR_RETURN(limits_, TenantLimitsTable::Create(config_.limits, overrides));
  PrepareContext();
  RETURN_IF_ERROR(StartHttp());
  ASSIGN_OR_RETURN(const auto retention, MakeRetentionPolicy(config_.limits, overrides));
  RETURN_IF_ERROR(OpenStorage(retention));
  LogRetention();
  reloader_.emplace(&config_, limits_.get());
  context_.readiness = api::Readiness::kReady;
  SKALD_LOG(
      kInfo, "ready",
      {{"port", http_port()}, {"data_dir", config_.skald.data_dir}, {"memory_limit", plan_.limit}});
  return absl::OkStatus();
}

void AppImpl::PrepareContext() {
  context_.settings.auth_enabled = config_.auth_enabled;
  context_.settings.path_prefix = config_.server.http_path_prefix;
  context_.settings.max_push_bytes = config_.max_recv_msg_size;
  context_.settings.max_form_bytes = config_.max_body_size;
  context_.settings.max_outstanding_per_tenant = config_.max_outstanding_per_tenant;
  context_.query_settings = limits_.get();
  context_.metrics = &metrics_;
  context_.ingest_metrics = &ingest_metrics_;
  context_.query_metrics = &query_metrics_;
  context_.response_memory = &query_memory_;
  context_.clock = clock_;
  context_.config_yaml = [this](std::string_view mode) {
    using config::ConfigView;
    const ConfigView view = mode == "defaults" ? ConfigView::kDefaults
                            : mode == "diff"   ? ConfigView::kDiff
                                               : ConfigView::kEffective;
    return config::ConfigYaml(config_, view);
  };
  context_.drilldown_limits_json = [this](std::string_view tenant) {
    return DrilldownLimits(tenant);
  };
}

Status AppImpl::StartHttp() {
  http::ServerOptions options;
  options.address = config_.server.http_listen_address;
  options.port = config_.server.http_listen_port;
  options.threads = OrDefault(config_.skald.network_threads, std::min(CpuCount(), 4));
  options.max_connections = MaxConnections(config_.server.http_listen_conn_limit);
  options.read_timeout = TimeoutOf(config_.server.http_server_read_timeout);
  options.write_timeout = TimeoutOf(config_.server.http_server_write_timeout);
  options.idle_timeout = TimeoutOf(config_.server.http_server_idle_timeout);
  options.memory = &body_memory_;
  options.clock = clock_;
  dispatcher_.emplace(&context_, api::DispatcherPools{&push_pool_, &query_pool_, &admin_pool_});
  ASSIGN_OR_RETURN(http_, http::Server::Start(options, &*dispatcher_));
  ExposeProcessMetrics(&metrics_);
  metrics_.OnExpose(
      [this, gauge = metrics_.GetGauge("loki_tcp_connections", "Current number of TCP connections.",
                                       {{"protocol", "http"}})] {
        gauge.Set(static_cast<double>(http_->connections()));
      });
  SKALD_LOG(kInfo, "listening",
            {{"address", config_.server.http_listen_address}, {"port", http_->port()}});
  return absl::OkStatus();
}

// Says how long rows are kept, and where Loki would have done otherwise.
void AppImpl::LogRetention() const {
  const auto period = config_.limits.retention_period;
  SKALD_LOG(kInfo, "retention",
            {{"period", period.count() == 0 ? "for ever" : FormatPrometheusDuration(period)},
             {"stream_rules", config_.limits.retention_stream.size()}});
  if (period.count() != 0 && !config_.compactor.retention_enabled) {
    SKALD_LOG(kWarn,
              "rows past the retention period are removed; Loki would keep everything without "
              "compactor.retention_enabled. Set limits_config.retention_period to 0s to keep all");
  }
}

Status AppImpl::OpenStorage(std::shared_ptr<const storage::RetentionPolicy> retention) {
  storage::EngineOptions options;
  options.retention = std::move(retention);
  options.retention_delete_delay_nanos = config_.compactor.retention_delete_delay.count();
  options.clock = clock_;
  options.directory = config_.skald.data_dir;
  options.decoder = &decoder_;
  options.memtable_bytes = plan_.memtable;
  options.memtable_age_nanos = config_.skald.memtable_max_age.count();
  options.page_cache_bytes = plan_.page_cache;
  if (config_.skald.free_space_reserve != 0) {
    options.free_space_reserve = config_.skald.free_space_reserve;
  }
  auto engine = storage::Engine::Open(options);
  if (!engine.ok()) {
    return Annotate(engine.status(), StrCat("opening ", config_.skald.data_dir));
  }
  engine_ = *std::move(engine);
  ExposeEngineMetrics(engine_.get(), &metrics_);

  ingest::DistributorOptions push;
  push.writer = engine_->writer();
  push.limits = limits_.get();
  push.clock = clock_;
  push.memory = &body_memory_;
  push.max_decompressed_size = config_.max_decompressed_size;
  distributor_.emplace(push);
  scan_pool_.emplace("skald-scan", OrDefault(config_.skald.query_threads, CpuCount()), kScanQueue);
  queries_.emplace(engine_->reader(), &*scan_pool_, &query_memory_, clock_);
  context_.engine = engine_.get();
  context_.distributor = &*distributor_;
  context_.queries = &*queries_;
  return absl::OkStatus();
}

std::string AppImpl::DrilldownLimits(std::string_view tenant) {
  const auto limits = limits_->LimitsOf(tenant);
  return StrCat(R"({"limits":)", config::PublishedLimitsJson(config_, *limits),
                R"(,"pattern_ingester_enabled":)",
                config_.pattern_ingester_enabled ? "true" : "false", R"(,"version":")",
                api::kLokiVersion, "\"}");
}

Status AppImpl::Stop() {
  if (std::exchange(stopped_, true)) return absl::OkStatus();
  context_.readiness = api::Readiness::kStopping;
  if (http_ != nullptr) {
    SKALD_LOG(kInfo, "stopping", {{"connections", http_->connections()}});
    http_->Stop(config_.server.graceful_shutdown_timeout);
  }
  reloader_.reset();
  push_pool_.Stop();
  query_pool_.Stop();
  admin_pool_.Stop();
  if (scan_pool_) scan_pool_->Stop();
  if (engine_ == nullptr) return absl::OkStatus();
  const Status closed = engine_->Close();
  if (closed.ok()) SKALD_LOG(kInfo, "stopped");
  return closed;
}

}  // namespace

StatusOr<std::unique_ptr<App>> App::Start(const config::Config& config) {
  auto app = std::make_unique<AppImpl>(config);
  RETURN_IF_ERROR(app->Start());
  return app;
}

}  // namespace skald
