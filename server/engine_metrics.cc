#include "server/engine_metrics.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/process_stats.h"

namespace skald {
namespace {

using storage::EngineStats;

struct EngineGauge {
  const char* name;
  const char* help;
  uint64_t EngineStats::*field;
};

constexpr EngineGauge kEngineGauges[] = {
    {"skald_memtable_bytes", "Memory held by memtables.", &EngineStats::memtable_bytes},
    {"skald_memtable_rows", "Rows in memtables.", &EngineStats::memtable_rows},
    {"skald_memtable_streams", "Streams in memtables.", &EngineStats::memtable_streams},
    {"skald_frozen_memtables", "Memtables on their way to parts.", &EngineStats::frozen_memtables},
    {"skald_parts", "Part files.", &EngineStats::parts},
    {"skald_part_bytes", "Bytes of part files.", &EngineStats::part_bytes},
    {"skald_part_rows", "Rows in part files.", &EngineStats::part_rows},
    {"skald_flushes", "Memtables written to parts.", &EngineStats::flushes},
    {"skald_flush_failures", "Flushes that failed and were tried again.",
     &EngineStats::flush_failures},
    {"skald_log_bytes_written", "Bytes written to the log.", &EngineStats::log_bytes_written},
    {"skald_log_records", "Records written to the log.", &EngineStats::log_records},
    {"skald_log_syncs", "Completed syncs of the log.", &EngineStats::log_syncs},
    {"skald_log_failures", "Log segments abandoned or not started.", &EngineStats::log_failures},
    {"skald_log_segments", "Log segments on disk.", &EngineStats::log_segments},
    {"skald_log_damaged_records", "Damage found in the log at start.",
     &EngineStats::damaged_records},
    {"skald_log_replayed_rows", "Rows replayed from the log at start.",
     &EngineStats::replayed_rows},
    {"skald_page_cache_bytes", "Bytes of decoded pages kept.", &EngineStats::cache_bytes},
    {"skald_page_cache_hits", "Pages found in the cache.", &EngineStats::cache_hits},
    {"skald_page_cache_misses", "Pages read from disk.", &EngineStats::cache_misses},
};

}  // namespace

void ExportEngineMetrics(storage::Engine* engine, MetricsRegistry* registry) {
  std::vector<std::pair<Gauge, uint64_t EngineStats::*>> gauges;
  for (const EngineGauge& gauge : kEngineGauges) {
    gauges.emplace_back(registry->GetGauge(gauge.name, gauge.help), gauge.field);
  }
  Gauge resident = registry->GetGauge("process_resident_memory_bytes", "Resident memory.");
  Gauge cpu = registry->GetGauge("process_cpu_seconds_total", "User and system CPU time.");
  Gauge files = registry->GetGauge("process_open_fds", "Open file descriptors.");
  Gauge threads = registry->GetGauge("process_threads", "Threads.");
  registry->OnExpose([=]() mutable {
    const EngineStats stats = engine->Stats();
    for (auto& [gauge, field] : gauges) gauge.Set(static_cast<double>(stats.*field));
    const ProcessStats process = ReadProcessStats();
    resident.Set(static_cast<double>(process.resident_bytes));
    cpu.Set(process.cpu_seconds);
    files.Set(static_cast<double>(process.open_files));
    threads.Set(static_cast<double>(process.threads));
  });
}

}  // namespace skald
