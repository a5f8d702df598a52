#include "server/start_report.h"

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/api/context.h"
#include "storage/base/duration.h"
#include "storage/base/log.h"
#include "storage/base/units.h"

namespace skald {
namespace {

constexpr int64_t kNanosPerDay = int64_t{24} * 3600 * 1'000'000'000;

// Binary units, as the configuration has them.
std::string SizeText(uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "KB", "MB", "GB", "TB"};
  size_t unit = 0;
  auto size = static_cast<double>(bytes);
  for (; size >= 1024 && unit + 1 < std::size(kUnits); ++unit) size /= 1024;
  return StrCat(absl::SixDigits(size), kUnits[unit]);
}

std::string RateText(double bytes_per_second) {
  if (bytes_per_second <= 0) return "off";
  return StrCat(SizeText(static_cast<uint64_t>(bytes_per_second)), "/s");
}

std::string PeriodText(std::chrono::nanoseconds period) {
  return period.count() == 0 ? "for ever" : FormatPrometheusDuration(period);
}

std::string DayText(int64_t nanos) {
  return absl::FormatTime("%Y-%m-%d", absl::FromUnixNanos(nanos), absl::UTCTimeZone());
}

void ReportExpired(const config::Config& config, const storage::ExpiredParts& expired) {
  if (expired.parts == 0) return;
  const int64_t days = expired.newest / kNanosPerDay - expired.oldest / kNanosPerDay + 1;
  SKALD_LOG(kWarn,
            "data is older than its retention period: queries no longer show it, and its "
            "files will be removed",
            {{"days", days},
             {"from", DayText(expired.oldest)},
             {"to", DayText(expired.newest)},
             {"bytes", expired.bytes},
             {"rows", expired.rows},
             {"parts", expired.parts},
             {"removed_after", FormatGoDuration(config.compactor.retention_delete_delay)}});
}

}  // namespace

void ReportServing(const config::Config& config, uint16_t port) {
  const config::ServerConfig& server = config.server;
  SKALD_LOG(
      kInfo, "serving Loki's API over HTTP",
      {{"address", server.http_listen_address.empty() ? "*" : server.http_listen_address},
       {"port", port},
       {"tls", server.tls.enabled() ? "on" : "off"},
       {"path_prefix", server.http_path_prefix},
       {"access", config.auth.file.empty() && config.auth.variable.empty() ? "open" : "listed"},
       {"tenants", config.auth_enabled ? "by X-Scope-OrgID" : "one (fake)"},
       {"loki_version", api::kLokiVersion}});
}

void ReportMemory(const config::Config& config, const MemoryPlan& plan, uint64_t available) {
  SKALD_LOG(kInfo, "memory",
            {{"limit", SizeText(plan.limit)},
             {"chosen_by", config.skald.memory_limit != 0 ? "configuration" : "machine"},
             {"memtable", SizeText(plan.memtable)},
             {"page_cache", SizeText(plan.page_cache)},
             {"requests", SizeText(plan.bodies)},
             {"queries", SizeText(plan.queries)}});
  if (available != 0 && plan.limit > available) {
    SKALD_LOG(kWarn, "skald.memory_limit is more than the machine or its control group has",
              {{"limit", SizeText(plan.limit)}, {"available", SizeText(available)}});
  }
}

void ReportStorage(const config::Config& config, const storage::EngineStats& stats) {
  SKALD_LOG(kInfo, "storing",
            {{"data_dir", config.skald.data_dir},
             {"parts", stats.parts},
             {"bytes", SizeText(stats.part_bytes)},
             {"rows", stats.part_rows},
             {"oldest", stats.parts == 0 ? "none" : DayText(stats.oldest_part_time)},
             {"rows_in_memory", stats.memtable_rows},
             {"disk_free", SizeText(stats.disk_free_bytes)}});
}

void ReportRetention(const config::Config& config, size_t tenants,
                     const StatusOr<storage::ExpiredParts>& expired) {
  const auto period = config.limits.retention_period;
  const bool for_ever = period.count() == 0 && config.limits.retention_stream.empty();
  SKALD_LOG(
      kInfo, "keeping",
      {{"period", PeriodText(period)},
       {"stream_rules", config.limits.retention_stream.size()},
       {"tenants_with_own_limits", tenants},
       {"delete_delay", FormatGoDuration(config.compactor.retention_delete_delay)},
       {"disk_limit", config.skald.disk_limit == 0 ? "off" : SizeText(config.skald.disk_limit)}});
  if (!for_ever && !config.compactor.retention_enabled) {
    SKALD_LOG(kWarn,
              "logs older than the retention period are removed, although "
              "compactor.retention_enabled is not true and Loki would keep everything; set "
              "limits_config.retention_period to 0s to keep all",
              {{"period", PeriodText(period)}});
  }
  if (expired.ok()) {
    ReportExpired(config, *expired);
  } else {
    SKALD_LOG(kWarn, "what is older than its retention period cannot be told",
              {{"err", Message(expired.status())}});
  }
}

void ReportLokiData(const config::Config& config, FileSystem* files) {
  for (const std::string& directory : {config.filesystem_directory, config.chunks_directory}) {
    if (directory.empty()) continue;
    const StatusOr<std::vector<std::string>> entries = files->ListDirectory(directory);
    if (!entries.ok() || entries->empty()) continue;
    SKALD_LOG(kWarn, "Loki's own data is not read: queries show what was pushed to this server",
              {{"untouched", directory}});
  }
}

void ReportLimits(const config::Config& config) {
  const ingest::IngestLimits& ingest = config.limits.ingest;
  const uint32_t streams = ingest.max_global_streams_per_user;
  SKALD_LOG(kInfo, "limits",
            {{"ingestion_rate", RateText(ingest.ingestion_rate)},
             {"per_stream_rate", RateText(ingest.per_stream_rate)},
             {"streams", streams == 0 ? "off" : StrCat(streams)},
             {"line_size", ingest.max_line_size == 0 ? "off" : SizeText(ingest.max_line_size)},
             {"oldest", ingest.reject_old_samples
                            ? FormatPrometheusDuration(ingest.reject_old_samples_max_age)
                            : "off"},
             {"query_timeout", FormatPrometheusDuration(config.limits.query_timeout)}});
}

}  // namespace skald
