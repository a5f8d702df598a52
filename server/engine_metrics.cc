#include "server/engine_metrics.h"

#include "server/followed_metrics.h"

namespace skald {
namespace {

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
    {"skald_kept_memtable_bytes", "Bytes of rows that are in parts and kept by running queries.",
     [](const EngineStats& s) { return static_cast<double>(s.kept_memtable_bytes); }},
    {"skald_parts", "Part files.",
     [](const EngineStats& s) { return static_cast<double>(s.parts); }},
    {"skald_part_bytes", "Bytes of part files.",
     [](const EngineStats& s) { return static_cast<double>(s.part_bytes); }},
    {"skald_part_rows", "Rows in part files.",
     [](const EngineStats& s) { return static_cast<double>(s.part_rows); }},
    {"loki_compactor_pending_delete_requests_count",
     "Delete requests whose rows have not all been removed.",
     [](const EngineStats& s) { return static_cast<double>(s.deletes_pending); }},
    {"skald_compaction_blocks", "Blocks to be read by the merge that runs.",
     [](const EngineStats& s) { return static_cast<double>(s.compaction_blocks); }},
    {"skald_compaction_blocks_read", "Blocks of them read so far.",
     [](const EngineStats& s) { return static_cast<double>(s.compaction_blocks_read); }},
    {"skald_log_segments", "Segments of the write-ahead log.",
     [](const EngineStats& s) { return static_cast<double>(s.log_segments); }},
    {"skald_page_cache_bytes", "Bytes of decoded pages in memory.",
     [](const EngineStats& s) { return static_cast<double>(s.cache_bytes); }},
    {"skald_oldest_part_timestamp_seconds", "Time of the oldest row in part files; 0: none.",
     [](const EngineStats& s) { return static_cast<double>(s.oldest_part_time) / 1e9; }},
    {"skald_log_pending_bytes", "Bytes that wait to be written to the write-ahead log.",
     [](const EngineStats& s) { return static_cast<double>(s.log_pending_bytes); }},
    {"skald_log_writable", "1 if the write-ahead log takes pushes.",
     [](const EngineStats& s) { return s.log_writable ? 1.0 : 0.0; }},
    {"skald_disk_free_bytes", "Bytes that may still be written to the disk.",
     [](const EngineStats& s) { return static_cast<double>(s.disk_free_bytes); }},
    {"skald_disk_full", "1 while pushes are refused because the disk is almost full.",
     [](const EngineStats& s) { return s.disk_full ? 1.0 : 0.0; }},
    {"skald_compaction_running", "1 while parts are merged.",
     [](const EngineStats& s) { return s.compaction_running ? 1.0 : 0.0; }},
    {"skald_retention_suspended", "1 while nothing is removed, for the clock is not trusted.",
     [](const EngineStats& s) { return s.retention_suspended ? 1.0 : 0.0; }},
    {"skald_replayed_rows", "Rows replayed from the log at start.",
     [](const EngineStats& s) { return static_cast<double>(s.replayed_rows); }},
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
    {"skald_log_sync_seconds_total", "Time spent writing and syncing the write-ahead log.",
     [](const EngineStats& s) { return static_cast<double>(s.log_sync_nanos) / 1e9; }},
    {"skald_compactions_total", "Merges of parts.",
     [](const EngineStats& s) { return static_cast<double>(s.compactions); }},
    {"skald_compaction_failures_total", "Merges that failed.",
     [](const EngineStats& s) { return static_cast<double>(s.compaction_failures); }},
    {"skald_compaction_input_bytes_total", "Bytes of the parts that were merged.",
     [](const EngineStats& s) { return static_cast<double>(s.compaction_input_bytes); }},
    {"skald_compaction_output_bytes_total", "Bytes of the parts that merges made.",
     [](const EngineStats& s) { return static_cast<double>(s.compaction_output_bytes); }},
    {"skald_compaction_blocks_copied_total", "Blocks that merges copied as they were stored.",
     [](const EngineStats& s) { return static_cast<double>(s.compaction_blocks_copied); }},
    {"skald_retention_sweeps_total", "Looks for expired parts.",
     [](const EngineStats& s) { return static_cast<double>(s.retention_sweeps); }},
    {"skald_parts_expired_total", "Parts removed because of their age.",
     [](const EngineStats& s) { return static_cast<double>(s.parts_expired); }},
    {"skald_log_failures_total", "Failed writes and syncs of the write-ahead log.",
     [](const EngineStats& s) { return static_cast<double>(s.log_failures); }},
    {"loki_compactor_delete_requests_received_total", "Delete requests that were accepted.",
     [](const EngineStats& s) { return static_cast<double>(s.deletes_received); }},
    {"loki_compactor_delete_requests_processed_total",
     "Delete requests whose rows have been removed.",
     [](const EngineStats& s) { return static_cast<double>(s.deletes_processed); }},
    {"skald_parts_over_disk_limit_total", "Parts removed to keep the disk limit.",
     [](const EngineStats& s) { return static_cast<double>(s.parts_over_disk_limit); }},
    {"skald_slowed_pushes_total", "Pushes that waited for merges, or were refused for them.",
     [](const EngineStats& s) { return static_cast<double>(s.slowed_pushes); }},
    {"skald_relogged_bytes_total", "Bytes of small tenants' rows that were logged again.",
     [](const EngineStats& s) { return static_cast<double>(s.relogged_bytes); }},
    {"skald_flushes_total", "Memtables flushed to parts.",
     [](const EngineStats& s) { return static_cast<double>(s.flushes); }},
    {"loki_ingester_chunks_flush_failures_total", "Flushes that failed.",
     [](const EngineStats& s) { return static_cast<double>(s.flush_failures); }},
    {"skald_page_cache_hits_total", "Pages found in the cache.",
     [](const EngineStats& s) { return static_cast<double>(s.cache_hits); }},
    {"skald_page_cache_misses_total", "Pages read from files.",
     [](const EngineStats& s) { return static_cast<double>(s.cache_misses); }},
};

}  // namespace

void ExposeEngineMetrics(const storage::Engine* engine, MetricsRegistry* registry) {
  Follow(
      kEngineGauges, kEngineCounters, [engine] { return engine->Stats(); }, registry);
}

}  // namespace skald
