// What the storage engine knows of itself.
#include "storage/engine/storage_engine.h"

namespace skald::storage {

EngineStats StorageEngine::Stats() const {
  EngineStats stats;
  std::shared_ptr<const EngineState> current;
  {
    MutexLock lock(&state_mutex_);
    current = state_;
    stats.flushes = flushed_count_;
    stats.flush_failures = flush_failures_;
  }
  const auto add_memtable = [&stats](const Memtable& memtable) {
    stats.memtable_bytes += memtable.bytes();
    stats.memtable_rows += memtable.rows();
    stats.memtable_streams += memtable.streams();
  };
  add_memtable(*current->active);
  for (const FrozenMemtable& frozen : current->frozen) add_memtable(*frozen.memtable);
  if (current->carried != nullptr) add_memtable(*current->carried);
  stats.kept_memtable_bytes = memtables_.kept_bytes();
  stats.frozen_memtables = current->frozen.size();
  stats.relogged_bytes = relogged_bytes_.load();
  stats.slowed_pushes = slowed_pushes_.load();
  for (const auto& [tenant, parts] : current->stored->parts) {
    for (const PartPtr& part : *parts) {
      ++stats.parts;
      stats.part_bytes += part->file_size();
      stats.part_rows += part->footer().rows;
      const int64_t oldest = part->footer().min_time;
      stats.oldest_part_time = stats.parts == 1 ? oldest : std::min(stats.oldest_part_time, oldest);
    }
  }
  const LogStats log = log_->stats();
  stats.log_bytes_written = log.bytes_written;
  stats.log_records = log.records;
  stats.log_syncs = log.syncs;
  stats.log_sync_nanos = log.sync_nanos;
  stats.log_pending_bytes = log.pending_bytes;
  stats.log_writable = log.writable;
  stats.log_failures = log.failures;
  stats.log_segments = log.segments;
  stats.damaged_records = replay_.damaged_ranges;
  stats.replayed_records = replay_.records;
  stats.replayed_rows = replayed_rows_;
  const PageCacheStats cache = cache_.stats();
  stats.cache_bytes = cache.bytes;
  stats.cache_hits = cache.hits;
  stats.cache_misses = cache.misses;
  const CompactionStats compaction = maintenance_->compaction_stats();
  stats.compactions = compaction.merges;
  stats.compaction_failures = compaction.failures;
  stats.compaction_input_bytes = compaction.input_bytes;
  stats.compaction_output_bytes = compaction.output_bytes;
  stats.compaction_blocks_copied = compaction.blocks_copied;
  stats.compaction_running = compaction.running;
  stats.retention_sweeps = maintenance_->sweeper().sweeps();
  stats.compaction_blocks = compaction.blocks;
  stats.compaction_blocks_read = compaction.blocks_read;
  const FullCompaction full = maintenance_->full_compaction();
  stats.full_compaction_running = full.running;
  stats.full_compaction_error = full.error;
  stats.parts_expired = maintenance_->sweeper().parts_removed();
  stats.deletes_received = deletes_->received();
  stats.deletes_processed = deletes_->processed();
  for (const auto& [tenant, requests] : current->stored->deletes)
    stats.deletes_pending += requests->size();
  stats.parts_over_disk_limit = maintenance_->disk_limit().parts_removed();
  stats.retention_suspended = maintenance_->sweeper().suspended();
  const StatusOr<uint64_t> free = options_.files->FreeSpace(options_.directory);
  stats.disk_free_bytes = free.value_or(0);
  stats.disk_full = free.ok() && *free < options_.free_space_reserve;
  return stats;
}

}  // namespace skald::storage
