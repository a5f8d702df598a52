// Rows that are in the log but not yet in parts.
//
// Per tenant a list of streams, per stream a list of rows in log order; line bytes and everything
// else lie in one arena that goes with the memtable. One writer appends (the engine's append lock);
// readers look at what has been published, without a lock. Order by time, and the dropping of
// duplicates, is made when rows are read (sorted_rows.h).
#pragma once

#include <atomic>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/mutex.h"
#include "storage/base/strings.h"
#include "storage/memtable/pooled_arena.h"
#include "storage/memtable/published_list.h"
#include "storage/model/ids.h"
#include "storage/model/row.h"

namespace skald::storage {

// A row; its bytes are the line, then its metadata (row_metadata.h), or the address of the same
// metadata, which the row before has.
struct MemRow {
  static constexpr size_t kLeastShared = 2 * sizeof(char*);  // shorter metadata is repeated

  int64_t time;
  const char* data;
  uint32_t line_size;
  uint32_t metadata_size : 31;
  uint32_t shares_metadata : 1;

  std::string_view line() const { return {data, line_size}; }
  std::string_view metadata() const {
    const char* bytes = data + line_size;
    if (shares_metadata) std::memcpy(static_cast<void*>(&bytes), data + line_size, sizeof(bytes));
    return {bytes, metadata_size};
  }
};

// The rows of one stream. Threads: as PublishedList.
class MemStream {
  static constexpr uint32_t kFirstChunk = 2;  // rows

 public:
  using Rows = PublishedList<MemRow, kFirstChunk, 4096>;

  explicit MemStream(StreamPtr stream) : stream_(std::move(stream)) {}

  const StreamPtr& stream() const { return stream_; }
  const Rows& rows() const { return rows_; }
  // Bounds of the times of published rows; may already include rows about to be published.
  int64_t min_time() const { return min_time_.load(std::memory_order_acquire); }
  int64_t max_time() const { return max_time_.load(std::memory_order_acquire); }
  // Bytes of lines, and of metadata (metadata_volume.h), of published rows.
  uint64_t line_bytes() const { return line_bytes_.load(std::memory_order_relaxed); }
  uint64_t metadata_bytes() const { return metadata_bytes_.load(std::memory_order_relaxed); }

  // Brings what reading the first few rows touches into the processor's cache: step by step, from
  // 0 on, for each step needs what the one before has brought, which takes a while.
  static constexpr size_t kPrefetchSteps = 3;
  void Prefetch(size_t step) const;

 private:
  friend class Memtable;
  void Append(const MemRow& row, PooledArena* arena);

  const StreamPtr stream_;
  Rows rows_;
  std::atomic<int64_t> min_time_{std::numeric_limits<int64_t>::max()};
  std::atomic<int64_t> max_time_{std::numeric_limits<int64_t>::min()};
  std::atomic<uint64_t> line_bytes_{0};
  std::atomic<uint64_t> metadata_bytes_{0};
};

// The streams of one tenant. Threads: as PublishedList.
class MemTenant {
 public:
  MemTenant() = default;
  ~MemTenant();
  MemTenant(const MemTenant&) = delete;
  MemTenant& operator=(const MemTenant&) = delete;

  const PublishedList<const MemStream*, 16, 4096>& streams() const { return streams_; }

  // The rest REQUIRES that no Insert runs.
  // The log range of its rows.
  LogPosition first_position() const { return first_position_; }
  LogPosition last_position() const { return last_position_; }
  // When the first of its rows came to memory, or a memtable before this one (monotonic).
  int64_t since_monotonic_nanos() const { return since_; }
  // False where memory ran out before there was one.
  bool has_rows() const { return has_rows_.load(std::memory_order_relaxed); }
  // What its rows take, roughly.
  uint64_t RowBytes() const;

 private:
  friend class Memtable;
  LogPosition first_position_;
  LogPosition last_position_;
  std::atomic<bool> has_rows_{false};
  int64_t since_ = 0;
  PublishedList<const MemStream*, 16, 4096> streams_;
  absl::flat_hash_map<StreamId, MemStream*> by_id_;  // the writer's; streams are in the arena
};

// Rows of all tenants in memory, with their streams.
// Threads: one writer at a time (Insert, AddTenant); readers beside it see what it has published.
class Memtable {
 public:
  // `number` orders memtables: later rows are in the one with the greater number.
  // Rows lie in chunks of `chunks`.
  Memtable(uint64_t number, int64_t created_monotonic_nanos,
           std::shared_ptr<ChunkPool> chunks = std::make_shared<ChunkPool>())
      : number_(number), created_(created_monotonic_nanos), arena_(std::move(chunks)) {}
  Memtable(const Memtable&) = delete;
  Memtable& operator=(const Memtable&) = delete;

  // Adds the rows of a logged push; some of them where memory runs out. REQUIRES: calls are
  // serialised, in log order.
  void Insert(std::string_view tenant, LogPosition position, std::span<const StreamRows> streams);

  // Adds all rows of a tenant of another memtable, which are not in the log a second time.
  // REQUIRES: no Insert into either runs; they came after those that this has of the tenant.
  void AddTenant(const TenantId& tenant, const MemTenant& rows);

  // The tenant's rows, or null. Threads: thread-safe.
  const MemTenant* Find(std::string_view tenant) const;
  // Tenants with rows, sorted. Threads: thread-safe.
  std::vector<TenantId> Tenants() const;

  uint64_t number() const { return number_; }
  int64_t created_monotonic_nanos() const { return created_; }
  // Memory held. Threads: these are thread-safe.
  uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  // What streams take of that, however few rows they have.
  uint64_t stream_bytes() const { return stream_bytes_.load(std::memory_order_relaxed); }
  uint64_t rows() const { return rows_.load(std::memory_order_relaxed); }
  uint64_t streams() const { return streams_.load(std::memory_order_relaxed); }
  bool empty() const { return rows() == 0; }
  // The log range of its rows. REQUIRES: not empty, no Insert runs.
  LogPosition first_position() const { return first_position_; }
  LogPosition last_position() const { return last_position_; }

 private:
  MemTenant* FindOrAdd(std::string_view tenant, LogPosition first, int64_t since);
  MemStream* FindOrAdd(MemTenant* tenant, const StreamPtr& stream);
  // Fills found_: the stream of each batch.
  void FindStreams(MemTenant* tenant, std::span<const StreamRows> batches);
  // The row as it will stand behind `before` (null: it will be the first).
  MemRow CopyRow(int64_t time, std::string_view line, std::string_view metadata,
                 const MemRow* before);
  MemRow CopyRow(const Row& row, const MemRow* before);
  void NoteAdded(MemTenant* to, LogPosition last, uint64_t added);

  const uint64_t number_;
  const int64_t created_;
  PooledArena arena_;
  mutable Mutex tenants_mutex_;
  StringMap<std::unique_ptr<MemTenant>> tenants_ SKALD_GUARDED_BY(tenants_mutex_);
  std::string scratch_;
  std::vector<MemStream*> found_;
  uint64_t map_bytes_ = 0;  // of the tenants' by_id_
  // Of streams and their labels. The cache of ingest shares and counts them too, while it has them.
  uint64_t label_bytes_ = 0;
  LogPosition first_position_;
  LogPosition last_position_;
  std::atomic<uint64_t> bytes_{0};
  std::atomic<uint64_t> stream_bytes_{0};
  std::atomic<uint64_t> rows_{0};
  std::atomic<uint64_t> streams_{0};
};

}  // namespace skald::storage
