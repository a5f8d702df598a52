// The storage engine: write-ahead log, memtables, parts and manifest under one directory.
//
// Life of a row: Append puts it in the log's buffer and the active memtable (visible), the log's
// committer makes it durable, a freeze hands the memtable to the flusher, which writes one part per
// tenant, commits them all in one manifest edit and then drops the log's old segments. Parts are
// merged in the background, shown as long as their stream's retention lasts, and then removed.
//
// Everything lies below EngineOptions::directory; nothing outside is written or removed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "storage/base/clock.h"
#include "storage/base/file_system.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"
#include "storage/base/units.h"
#include "storage/delete_requests.h"
#include "storage/reader.h"
#include "storage/retention.h"
#include "storage/writer.h"

namespace skald::storage {

struct EngineOptions {
  FileSystem* files = FileSystem::Posix();
  Clock* clock = Clock::Real();
  std::string directory;
  // Decodes the log's pushes at start. Must outlive the engine.
  RecordDecoder* decoder = nullptr;

  // A memtable is frozen when it holds this many bytes, or is this old; or when a quarter of it is
  // full and nothing was pushed for ten seconds. What streams take whatever their rows, labels
  // among it, does not count, up to as many bytes again.
  uint64_t memtable_bytes = 32_MiB;
  int64_t memtable_age_nanos = int64_t{3600} * 1'000'000'000;
  // A push whose rows take more than this in memory, and more than four memtables, is refused. What
  // is in memory may exceed two memtables by such a push.
  uint64_t max_push_bytes = 0;
  // A tenant with less than so many bytes in it is logged again rather than made a part, until its
  // rows are so old or such tenants hold half of memtable_bytes. 0: none is.
  uint64_t relog_tenant_bytes = 256_KiB;
  int64_t relog_age_nanos = int64_t{600} * 1'000'000'000;
  // How long a push waits for the flusher before it is told to come again.
  int64_t push_wait_nanos = int64_t{5} * 1'000'000'000;
  // A query that begins waits while others keep more than this of memtables that have become parts
  // since they began, and is told to come again when that takes too long.
  uint64_t max_kept_bytes = 5 * 16_MiB;
  int64_t kept_wait_nanos = int64_t{30} * 1'000'000'000;
  // Decoded pages kept in memory.
  uint64_t page_cache_bytes = 64_MiB;
  // Records of the log that wait for the disk; beyond that pushes are told to come again.
  uint64_t log_buffer_bytes = 64_MiB;
  // What a merge may hold of its inputs and its output, roughly.
  uint64_t compaction_bytes = 128_MiB;
  // Pushes get Unavailable while the disk has less free space than this.
  uint64_t free_space_reserve = 2 * 32_MiB + 64_MiB;

  // False: parts are merged only by Compact().
  bool compact_in_background = true;
  // How long rows are kept; null: for ever.
  std::shared_ptr<const RetentionPolicy> retention;
  // A part is removed so long after it was first found to hold nothing but expired rows.
  int64_t retention_delete_delay_nanos = 2 * kNanosPerHour;
  DeleteOptions deletes;
  // The oldest parts are removed when all of them hold more bytes than this; 0: never.
  uint64_t disk_limit = 0;
};

// What the engine knows of itself, for /metrics and the start-up lines.
struct EngineStats {
  uint64_t memtable_bytes = 0;
  uint64_t memtable_rows = 0;
  uint64_t memtable_streams = 0;
  uint64_t frozen_memtables = 0;
  uint64_t kept_memtable_bytes = 0;  // that only running queries hold; not in the above
  uint64_t parts = 0;
  uint64_t part_bytes = 0;
  uint64_t part_rows = 0;
  int64_t oldest_part_time = 0;  // of the rows in parts; 0: there are none
  uint64_t flushes = 0;
  uint64_t flush_failures = 0;
  uint64_t relogged_bytes = 0;  // of records that logged small tenants again
  uint64_t slowed_pushes = 0;   // that waited for merges, or were refused because of them
  uint64_t log_bytes_written = 0;
  uint64_t log_records = 0;
  uint64_t log_syncs = 0;
  uint64_t log_sync_nanos = 0;     // sum over log_syncs of writing and syncing
  uint64_t log_pending_bytes = 0;  // appended, not yet handed to the file
  uint64_t log_failures = 0;
  uint64_t log_segments = 0;
  bool log_writable = true;      // false: pushes are refused
  uint64_t damaged_records = 0;  // found in the log at start
  uint64_t replayed_records = 0;
  uint64_t replayed_rows = 0;
  uint64_t cache_bytes = 0;
  uint64_t cache_hits = 0;
  uint64_t cache_misses = 0;
  uint64_t compactions = 0;
  uint64_t compaction_failures = 0;
  uint64_t compaction_input_bytes = 0;
  uint64_t compaction_output_bytes = 0;
  uint64_t compaction_blocks_copied = 0;  // by merges, as they were stored
  bool compaction_running = false;
  uint64_t retention_sweeps = 0;  // looks for expired parts
  uint64_t parts_expired = 0;     // removed because of their age
  uint64_t deletes_received = 0;  // delete requests
  uint64_t deletes_processed = 0;
  uint64_t deletes_pending = 0;
  uint64_t parts_over_disk_limit = 0;  // removed for the disk limit
  bool retention_suspended = false;    // the wall clock is not trusted
  uint64_t disk_free_bytes = 0;        // below the directory; 0 when that cannot be read
  bool disk_full = false;              // pushes are refused
  // Of the merge that runs: input blocks, and those of them read so far.
  uint64_t compaction_blocks = 0;
  uint64_t compaction_blocks_read = 0;
  bool full_compaction_running = false;  // StartCompaction's
  std::string full_compaction_error;     // why it ended early; empty: it did not
};

// Threads: thread-safe.
class Engine {
 public:
  // Locks the directory (created when absent), reads the manifest, replays the log.
  // Unavailable: another process has the directory. DataLoss is never returned for damage that can
  // be set aside; that is logged and counted. FailedPrecondition: a delete request of the directory
  // does not compile, or its manifest, log or a part is of a version that cannot be read.
  static StatusOr<std::unique_ptr<Engine>> Open(EngineOptions options);
  virtual ~Engine() = default;

  virtual Writer* writer() = 0;
  virtual Reader* reader() = 0;
  virtual DeleteRequests* deletes() = 0;

  // Freezes the memtable and waits until everything appended before is in parts.
  virtual Status Flush() = 0;
  // Merges parts until nothing is left to merge. Unavailable: the disk is too full or failed.
  virtual Status Compact() = 0;
  // Begins the same in the background, behind pushes and queries; Stats() tell how it goes. While
  // it goes on, a further call only adds what has been flushed meanwhile.
  virtual void StartCompaction() = 0;

  // Changes how long rows are kept, for queries that begin after this; null: for ever.
  virtual void SetRetention(std::shared_ptr<const RetentionPolicy> policy) = 0;
  // Parts that are stored although all their rows are past the retention in force.
  virtual StatusOr<ExpiredParts> FindExpired() = 0;
  // Looks for expired parts, and at the disk limit, now rather than within a minute.
  virtual Status SweepExpired() = 0;

  // Flushes, syncs and ends the log. Further appends are Unavailable. Idempotent.
  virtual Status Close() = 0;

  virtual EngineStats Stats() const = 0;
};

}  // namespace skald::storage
