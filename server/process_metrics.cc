#include "server/process_metrics.h"

#include "server/api/context.h"
#include "server/followed_metrics.h"
#include "storage/base/log_counts.h"
#include "storage/base/process_stats.h"

namespace skald {
namespace {

constexpr std::pair<LogLevel, const char*> kLevels[] = {{LogLevel::kDebug, "debug"},
                                                        {LogLevel::kInfo, "info"},
                                                        {LogLevel::kWarn, "warn"},
                                                        {LogLevel::kError, "error"}};

constexpr Shown<ProcessStats> kProcessGauges[] = {
    {"process_resident_memory_bytes", "Resident memory size in bytes.",
     [](const ProcessStats& s) { return static_cast<double>(s.resident_bytes); }},
    {"process_virtual_memory_bytes", "Virtual memory size in bytes.",
     [](const ProcessStats& s) { return static_cast<double>(s.virtual_bytes); }},
    {"process_start_time_seconds", "Start time of the process since the epoch in seconds.",
     [](const ProcessStats& s) { return s.start_unix_seconds; }},
    {"process_open_fds", "Number of open file descriptors.",
     [](const ProcessStats& s) { return static_cast<double>(s.open_files); }},
    {"process_max_fds", "Maximum number of open file descriptors.",
     [](const ProcessStats& s) { return static_cast<double>(s.max_open_files); }},
    {"process_threads", "Number of threads.",
     [](const ProcessStats& s) { return static_cast<double>(s.threads); }},
};

constexpr Shown<ProcessStats> kProcessCounters[] = {
    {"process_cpu_seconds_total", "User and system CPU time spent in seconds.",
     [](const ProcessStats& s) { return s.cpu_seconds; }},
};

void FollowLog(MetricsRegistry* registry) {
  std::vector<std::pair<Counter, LogLevel>> counted;
  for (const auto& [level, name] : kLevels) {
    counted.emplace_back(registry->GetCounter("loki_log_messages_total",
                                              "Lines of the process log.", {{"level", name}}),
                         level);
  }
  registry->OnExpose([counted = std::move(counted)] {
    for (const auto& [counter, level] : counted) {
      const double growth = static_cast<double>(LogCount(level)) - counter.value();
      if (growth > 0) counter.Increment(growth);
    }
  });
}

}  // namespace

void ExposeProcessMetrics(MetricsRegistry* registry) {
  Follow(
      kProcessGauges, kProcessCounters, [] { return ReadProcessStats(); }, registry);
  registry
      ->GetGauge("loki_build_info", "A constant 1 with what the program was built from.",
                 {{"version", std::string(api::kLokiVersion)},
                  {"revision", ""},
                  {"branch", "skald"},
                  {"goversion", ""},
                  {"goarch", "amd64"},
                  {"goos", "linux"},
                  {"tags", ""}})
      .Set(1);
  FollowLog(registry);
}

ReloadMetrics::ReloadMetrics(const std::string& source, const Clock* clock,
                             MetricsRegistry* registry)
    : clock_(clock),
      successful_(registry->GetGauge("skald_config_last_reload_successful",
                                     "1 if the last reading of the settings took effect.",
                                     {{"source", source}})),
      at_(registry->GetGauge("skald_config_last_reload_success_timestamp_seconds",
                             "When settings were last read and took effect.",
                             {{"source", source}})) {
  Observe(true);
}

void ReloadMetrics::Observe(bool successful) const {
  successful_.Set(successful ? 1 : 0);
  if (successful) at_.Set(static_cast<double>(clock_->WallNanos()) / 1e9);
}

void ExposeMemoryMetrics(const MemoryPlan& plan,
                         const std::vector<std::pair<std::string, const MemoryBudget*>>& budgets,
                         MetricsRegistry* registry) {
  const std::string limit_help = "Bytes of memory that may be used.";
  const auto set_limit = [&](const std::string& user, uint64_t bytes) {
    registry->GetGauge("skald_memory_limit_bytes", limit_help, {{"user", user}})
        .Set(static_cast<double>(bytes));
  };
  set_limit("memtable", plan.memtable);
  set_limit("kept_memtables", plan.kept_memtables);
  set_limit("page_cache", plan.page_cache);
  std::vector<std::pair<Gauge, const MemoryBudget*>> used;
  for (const auto& [user, budget] : budgets) {
    set_limit(user, budget->limit());
    used.emplace_back(registry->GetGauge("skald_memory_reserved_bytes", "Bytes of memory reserved.",
                                         {{"user", user}}),
                      budget);
  }
  registry->OnExpose([used = std::move(used)] {
    for (const auto& [gauge, budget] : used) gauge.Set(static_cast<double>(budget->used()));
  });
}

}  // namespace skald
