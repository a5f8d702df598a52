#include "server/engine_metrics.h"

#include <utility>
#include <vector>

#include "server/api/context.h"
#include "storage/base/process_stats.h"

namespace skald {
namespace {

// A gauge and the member of Stats that it shows.
template <typename Stats>
struct Shown {
  const char* name;
  const char* help;
  double (*value)(const Stats&);
};

using storage::EngineStats;

constexpr Shown<EngineStats> kEngineGauges[] = {
    {"loki_ingester_memory_streams", "Streams in memory.",
     [](const EngineStats& s) { return static_cast<double>(s.memtable_streams); }},
    {"loki_ingester_memory_chunks", "Memtables in memory.",
     [](const EngineStats& s) { return static_cast<double>(s.frozen_memtables + 1); }},
    {"loki_ingester_flush_queue_length", "Memtables that wait to be flushed.",
     [](const EngineStats& s) { return static_cast<double>(s.frozen_memtables); }},
    {"skald_memtable_bytes", "Bytes of rows in memory.",
     [](const EngineStats& s) { return static_cast<double>(s.memtable_bytes); }},
    {"skald_memtable_rows", "Rows in memory.",
     [](const EngineStats& s) { return static_cast<double>(s.memtable_rows); }},
    {"skald_parts", "Part files.",
     [](const EngineStats& s) { return static_cast<double>(s.parts); }},
    {"skald_part_bytes", "Bytes of part files.",
     [](const EngineStats& s) { return static_cast<double>(s.part_bytes); }},
    {"skald_part_rows", "Rows in part files.",
     [](const EngineStats& s) { return static_cast<double>(s.part_rows); }},
    {"skald_log_segments", "Segments of the write-ahead log.",
     [](const EngineStats& s) { return static_cast<double>(s.log_segments); }},
    {"skald_page_cache_bytes", "Bytes of decoded pages in memory.",
     [](const EngineStats& s) { return static_cast<double>(s.cache_bytes); }},
    {"skald_replayed_records", "Log records replayed at start.",
     [](const EngineStats& s) { return static_cast<double>(s.replayed_records); }},
    {"skald_damaged_records", "Damaged log records found at start.",
     [](const EngineStats& s) { return static_cast<double>(s.damaged_records); }},
};

constexpr Shown<EngineStats> kEngineCounters[] = {
    {"loki_ingester_wal_logged_bytes_total", "Bytes written to the write-ahead log.",
     [](const EngineStats& s) { return static_cast<double>(s.log_bytes_written); }},
    {"loki_ingester_wal_records_logged_total", "Records written to the write-ahead log.",
     [](const EngineStats& s) { return static_cast<double>(s.log_records); }},
    {"skald_log_syncs_total", "Syncs of the write-ahead log.",
     [](const EngineStats& s) { return static_cast<double>(s.log_syncs); }},
    {"skald_log_failures_total", "Failed writes and syncs of the write-ahead log.",
     [](const EngineStats& s) { return static_cast<double>(s.log_failures); }},
    {"skald_flushes_total", "Memtables flushed to parts.",
     [](const EngineStats& s) { return static_cast<double>(s.flushes); }},
    {"loki_ingester_chunks_flush_failures_total", "Flushes that failed.",
     [](const EngineStats& s) { return static_cast<double>(s.flush_failures); }},
    {"skald_page_cache_hits_total", "Pages found in the cache.",
     [](const EngineStats& s) { return static_cast<double>(s.cache_hits); }},
    {"skald_page_cache_misses_total", "Pages read from files.",
     [](const EngineStats& s) { return static_cast<double>(s.cache_misses); }},
};

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

// Has gauges and counters follow what `read` returns. A counter here is something that only grows
// elsewhere.
template <typename Stats, size_t N, size_t M, typename Read>
void Follow(const Shown<Stats> (&gauges)[N], const Shown<Stats> (&counters)[M], Read read,
            MetricsRegistry* registry) {
  std::vector<std::pair<Gauge, const Shown<Stats>*>> shown;
  for (const Shown<Stats>& one : gauges) {
    shown.emplace_back(registry->GetGauge(one.name, one.help), &one);
  }
  std::vector<std::pair<Counter, const Shown<Stats>*>> counted;
  for (const Shown<Stats>& one : counters) {
    counted.emplace_back(registry->GetCounter(one.name, one.help), &one);
  }
  registry->OnExpose([shown = std::move(shown), counted = std::move(counted), read] {
    const Stats stats = read();
    for (const auto& [gauge, one] : shown) gauge.Set(one->value(stats));
    for (const auto& [counter, one] : counted) {
      const double growth = one->value(stats) - counter.value();
      if (growth > 0) counter.Increment(growth);
    }
  });
}

}  // namespace

void ExposeEngineMetrics(const storage::Engine* engine, MetricsRegistry* registry) {
  Follow(
      kEngineGauges, kEngineCounters, [engine] { return engine->Stats(); }, registry);
}

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
}

}  // namespace skald
