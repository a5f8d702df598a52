#include "server/app.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_join.h"
#include "ingest/distributor.h"
#include "ingest/record_decoder.h"
#include "query/engine/delete_compiler.h"
#include "query/engine/engine.h"
#include "query/engine/tenant_union.h"
#include "server/api/dispatcher.h"
#include "server/api/tail_hub.h"
#include "server/connection_limit.h"
#include "server/engine_metrics.h"
#include "server/heap_trimmer.h"
#include "server/http/server.h"
#include "server/limits_reloader.h"
#include "server/live_settings.h"
#include "server/memory_plan.h"
#include "server/process_metrics.h"
#include "server/serving_metrics.h"
#include "server/start_report.h"
#include "storage/base/cgroup_memory.h"
#include "storage/base/cpu_count.h"
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

constexpr size_t kPushQueue = 1000;  // pushes that wait for a thread
constexpr size_t kScanQueue = 4096;  // pieces of queries
constexpr size_t kDeleteQueue = 64;  // deletes of all tenants that wait
constexpr size_t kReportQueue = 64;
constexpr size_t kAdminQueue = 16;
constexpr size_t kAuthQueue = 64;  // passwords that wait to be judged

int OrDefault(uint32_t configured, int otherwise) {
  return configured != 0 ? static_cast<int>(configured) : otherwise;
}

class AppImpl final : public App {
 public:
  AppImpl(const config::Config& config, Clock* clock);
  ~AppImpl() override;

  Status Start();
  uint16_t http_port() const override { return http_ == nullptr ? 0 : http_->port(); }
  Status Reload(const StatusOr<config::Config>& fresh) override;
  Status Stop() override;

 private:
  Status TakeSettings(const config::Config& fresh);
  Status ReadAccessList();
  void PrepareContext();
  Status StartHttp();
  Status OpenStorage();
  std::string ConfigText(std::string_view mode) const;
  std::string DrilldownLimits(std::string_view tenant);

  const config::Config config_;  // at the start; what may change since is in live_
  const MemoryPlan plan_;
  Clock* const clock_;
  MetricsRegistry metrics_;
  api::IngestMetrics ingest_metrics_{&metrics_};
  api::QueryMetrics query_metrics_{&metrics_};
  const ReloadMetrics reload_metrics_;
  const ReloadMetrics runtime_metrics_;
  MemoryBudget memory_;
  MemoryBudget unreserved_memory_;  // what bodies and heavy queries may have together
  MemoryBudget body_memory_;
  MemoryBudget query_memory_;
  MemoryBudget heavy_memory_;
  MemoryBudget tail_memory_;
  MemoryBudget waiting_memory_;
  api::ApiContext context_;

  std::unique_ptr<LiveSettings> live_;
  std::optional<LimitsReloader> reloader_;
  ingest::PushRecordDecoder decoder_;
  query::DeleteQueryCompiler delete_compiler_{&query_memory_};
  std::unique_ptr<storage::Engine> engine_;
  api::TailHub tails_{&waiting_memory_, &metrics_};
  std::optional<ingest::Distributor> distributor_;
  std::optional<ThreadPool> scan_pool_;
  std::optional<query::UnionReader> reader_;
  std::optional<query::QueryEngine> queries_;
  ThreadPool push_pool_;
  api::QueryPool query_pool_;
  ThreadPool delete_pool_;
  ThreadPool report_pool_;
  ThreadPool admin_pool_;
  ThreadPool auth_pool_;
  std::unique_ptr<auth::Authenticator> authenticator_;  // null without an access list
  std::optional<api::Dispatcher> dispatcher_;
  std::unique_ptr<http::Server> http_;
  std::optional<HeapTrimmer> trimmer_;
  bool stopped_ = false;
};

AppImpl::AppImpl(const config::Config& config, Clock* clock)
    : config_(config),
      plan_(PlanMemory(config.skald, MemoryLimitOfProcess(), MachineMemory())),
      clock_(clock),
      metrics_(config.metrics_namespace),
      reload_metrics_("config", clock, &metrics_),
      runtime_metrics_("runtime", clock, &metrics_),
      memory_("requests and queries", plan_.requests),
      unreserved_memory_("requests and heavy queries", plan_.requests - plan_.light_reserve),
      body_memory_("requests", plan_.bodies, &unreserved_memory_, &memory_),
      query_memory_("queries", plan_.queries, &memory_),
      heavy_memory_("heavy queries", plan_.queries - plan_.light_reserve, &unreserved_memory_,
                    &query_memory_),
      tail_memory_("tails", plan_.tails),
      waiting_memory_("rows that wait for tails", plan_.tails / 4 * 3, &tail_memory_),
      push_pool_("skald-push", OrDefault(config.skald.push_threads, CpuCount()), kPushQueue),
      query_pool_({.threads = OrDefault(config.querier_max_concurrent, 4),
                   .max_waiting_per_tenant = config.max_outstanding_per_tenant}),
      delete_pool_("skald-delete", 1, kDeleteQueue),
      report_pool_("skald-report", 1, kReportQueue),
      admin_pool_("skald-admin", 1, kAdminQueue),
      auth_pool_("skald-auth", 1, kAuthQueue) {}

AppImpl::~AppImpl() {
  if (const Status status = Stop(); !status.ok()) {
    SKALD_LOG(kError, "stopping failed", {{"err", Message(status)}});
  }
}

Status AppImpl::Start() {
  ASSIGN_OR_RETURN(live_, LiveSettings::Create(config_));
  RETURN_IF_ERROR(ReadAccessList());
  PrepareContext();
  RETURN_IF_ERROR(StartHttp());
  ReportServing(config_, http_port());
  ReportMemory(config_, plan_, MemoryLimitOfProcess());
  ReportLimits(config_);
  RETURN_IF_ERROR(OpenStorage());
  ReportStorage(config_, engine_->Stats());
  ReportLokiData(config_, FileSystem::Posix());
  ReportRetention(config_, live_->tenants(), engine_->FindExpired());
  reloader_.emplace(live_.get(), &runtime_metrics_);
  trimmer_.emplace(plan_.limit);
  context_.readiness = api::Readiness::kReady;
  SKALD_LOG(kInfo, "ready");
  return absl::OkStatus();
}

Status AppImpl::Reload(const StatusOr<config::Config>& fresh) {
  const Status status = fresh.ok() ? TakeSettings(*fresh) : fresh.status();
  reload_metrics_.Observe(status.ok());
  return status;
}

Status AppImpl::TakeSettings(const config::Config& fresh) {
  ASSIGN_OR_RETURN(const config::ConfigChanges changes, live_->Apply(fresh));
  const auto config = live_->config();
  if (std::count(changes.taken.begin(), changes.taken.end(), "server.log_level") > 0) {
    SetLogLevel(config->server.log_level);
  }
  SetLogFormat(config->server.log_format);
  context_.log_queries_longer_than = config->log_queries_longer_than;
  SKALD_LOG(kInfo, "configuration reloaded", {{"changed", absl::StrJoin(changes.taken, ",")}});
  if (!changes.need_restart.empty()) {
    SKALD_LOG(kWarn, "changed settings wait for a restart",
              {{"names", absl::StrJoin(changes.need_restart, ",")}});
  }
  return absl::OkStatus();
}

Status AppImpl::ReadAccessList() {
  const auth::AuthOptions options = {config_.auth.file, config_.auth.variable};
  if (!options.enabled()) return absl::OkStatus();
  ASSIGN_OR_RETURN(authenticator_, auth::Authenticator::Create(options, &auth_pool_));
  return absl::OkStatus();
}

void AppImpl::PrepareContext() {
  context_.settings.auth_enabled = config_.auth_enabled;
  context_.settings.path_prefix = config_.server.http_path_prefix;
  context_.settings.max_push_bytes = config_.max_recv_msg_size;
  context_.settings.max_form_bytes = config_.max_body_size;
  context_.settings.compress_responses = config_.compress_responses;
  context_.settings.unguarded_paths = config_.auth.unguarded_paths;
  context_.authenticator = authenticator_.get();
  context_.log_queries_longer_than = config_.log_queries_longer_than;
  context_.query_settings = live_->limits();
  context_.settings.multi_tenant_queries_enabled = config_.multi_tenant_queries_enabled;
  context_.settings.per_request_limits_enabled = config_.per_request_limits_enabled;
  context_.settings.patterns_enabled = config_.pattern_ingester_enabled;
  // Two threads take light queries only: each finds its half of what is reserved for those.
  context_.settings.light_query_memory = plan_.light_reserve / 2;
  context_.settings.tail_max_duration = config_.tail_max_duration;
  const std::string& address = config_.server.http_listen_address;
  context_.settings.address =
      StrCat(address.empty() ? "127.0.0.1" : address, ":", config_.server.http_listen_port);
  context_.settings.start_time = clock_->WallNanos();
  context_.request_stop = [] { kill(getpid(), SIGTERM); };
  context_.tails = &tails_;
  context_.metrics = &metrics_;
  context_.ingest_metrics = &ingest_metrics_;
  context_.query_metrics = &query_metrics_;
  context_.query_memory = &query_memory_;
  context_.heavy_memory = &heavy_memory_;
  context_.tail_memory = &tail_memory_;
  context_.waiting_memory = &waiting_memory_;
  context_.clock = clock_;
  context_.config_yaml = [this](std::string_view mode) { return ConfigText(mode); };
  context_.drilldown_limits_json = [this](std::string_view tenant) {
    return DrilldownLimits(tenant);
  };
  context_.tenant_limits_yaml = [this](std::string_view tenant) {
    return config::PublishedLimitsYaml(*live_->config(), *live_->limits()->LimitsOf(tenant));
  };
}

Status AppImpl::StartHttp() {
  http::ServerOptions options;
  options.address = config_.server.http_listen_address;
  options.port = config_.server.http_listen_port;
  options.threads = OrDefault(config_.skald.network_threads, std::min(CpuCount(), 4));
  options.tls = config_.server.tls;
  options.max_connections = MaxConnections(config_.server.http_listen_conn_limit, plan_.limit,
                                           config_.server.tls.enabled());
  options.read_timeout = TimeoutOf(config_.server.http_server_read_timeout);
  options.head_timeout = config_.server.http_server_read_header_timeout.count() == 0
                             ? options.read_timeout
                             : config_.server.http_server_read_header_timeout;
  options.write_timeout = TimeoutOf(config_.server.http_server_write_timeout);
  options.idle_timeout = TimeoutOf(config_.server.http_server_idle_timeout);
  options.memory = &body_memory_;
  options.clock = clock_;
  dispatcher_.emplace(&context_, api::DispatcherPools{.push = &push_pool_,
                                                      .query = &query_pool_,
                                                      .deletes = &delete_pool_,
                                                      .report = &report_pool_,
                                                      .admin = &admin_pool_});
  ASSIGN_OR_RETURN(http_, http::Server::Start(options, &*dispatcher_));
  ExposeProcessMetrics(&metrics_);
  ExposeMemoryMetrics(plan_,
                      {{"process", &memory_},
                       {"requests", &body_memory_},
                       {"queries", &query_memory_},
                       {"heavy_queries", &heavy_memory_},
                       {"tails", &tail_memory_}},
                      &metrics_);
  ExposeServingMetrics({.http = http_.get(),
                        .max_connections = options.max_connections,
                        .push_pool = &push_pool_,
                        .query_pool = &query_pool_},
                       &metrics_);
  return absl::OkStatus();
}

Status AppImpl::OpenStorage() {
  storage::EngineOptions options;
  options.retention = live_->retention();
  options.retention_delete_delay_nanos = config_.compactor.retention_delete_delay.count();
  options.deletes.compiler = &delete_compiler_;
  options.deletes.cancel_period_nanos = config_.compactor.delete_request_cancel_period.count();
  options.deletes.may_remove = [this](std::string_view tenant) {
    return live_->limits()->LimitsOf(tenant)->deletion_mode == "filter-and-delete";
  };
  options.clock = clock_;
  options.directory = config_.skald.data_dir;
  options.decoder = &decoder_;
  options.memtable_bytes = plan_.memtable;
  options.max_push_bytes = plan_.largest_push;
  options.max_kept_bytes = plan_.kept_memtables;
  options.memtable_age_nanos = config_.skald.memtable_max_age.count();
  options.page_cache_bytes = plan_.page_cache;
  options.disk_limit = config_.skald.disk_limit;
  options.log_buffer_bytes = plan_.log_buffer;
  options.compaction_bytes = plan_.compaction;
  if (config_.skald.free_space_reserve != 0) {
    options.free_space_reserve = config_.skald.free_space_reserve;
  }
  auto engine = storage::Engine::Open(options);
  if (!engine.ok()) {
    return Annotate(engine.status(), StrCat("opening ", config_.skald.data_dir));
  }
  engine_ = *std::move(engine);
  live_->SetEngine(engine_.get());
  ExposeEngineMetrics(engine_.get(), &metrics_);

  ingest::DistributorOptions push;
  push.writer = engine_->writer();
  push.limits = live_->limits();
  push.observer = &tails_;
  push.clock = clock_;
  push.memory = &body_memory_;
  push.stream_cache_bytes = plan_.stream_cache;
  push.rate_limiter_bytes = plan_.rate_limiter;
  push.max_decompressed_size = config_.max_decompressed_size;
  distributor_.emplace(push);
  scan_pool_.emplace("skald-scan", OrDefault(config_.skald.query_threads, CpuCount()), kScanQueue);
  reader_.emplace(engine_->reader());
  queries_.emplace(&*reader_, &*scan_pool_, clock_);
  context_.engine = engine_.get();
  context_.reader = &*reader_;
  context_.distributor = &*distributor_;
  context_.queries = &*queries_;
  context_.scan_pool = &*scan_pool_;
  return absl::OkStatus();
}

std::string AppImpl::ConfigText(std::string_view mode) const {
  using config::ConfigView;
  const ConfigView view = mode == "defaults" ? ConfigView::kDefaults
                          : mode == "diff"   ? ConfigView::kDiff
                                             : ConfigView::kEffective;
  return config::ConfigYaml(*live_->config(), view);
}

std::string AppImpl::DrilldownLimits(std::string_view tenant) {
  const auto limits = live_->limits()->LimitsOf(tenant);
  return StrCat(R"({"limits":)", config::PublishedLimitsJson(*live_->config(), *limits),
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
  trimmer_.reset();
  push_pool_.Stop();
  query_pool_.Stop();
  delete_pool_.Stop();
  report_pool_.Stop();
  admin_pool_.Stop();
  auth_pool_.Stop();
  if (scan_pool_) scan_pool_->Stop();
  if (engine_ == nullptr) return absl::OkStatus();
  const Status closed = engine_->Close();
  if (closed.ok()) SKALD_LOG(kInfo, "stopped");
  return closed;
}

}  // namespace

StatusOr<std::unique_ptr<App>> App::Start(const config::Config& config, Clock* clock) {
  auto app = std::make_unique<AppImpl>(config, clock);
  RETURN_IF_ERROR(app->Start());
  return app;
}

}  // namespace skald
