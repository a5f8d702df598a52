// The memory of an engine's memtables: the pool that they share, and what running queries keep of
// those whose rows have become parts.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "storage/base/chunk_pool.h"
#include "storage/base/mutex.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/memtable/memtable.h"

namespace skald::storage {

// Threads: thread-safe. Memtables may outlive this.
class MemtableMemory {
 public:
  // A memtable in chunks of the pool; the arguments are Memtable's.
  std::shared_ptr<Memtable> NewMemtable(uint64_t number, int64_t created_monotonic_nanos);

  // Readers that begin from now on do not see `memtable`: what it takes counts as kept, until the
  // last of those that do has let go of it. REQUIRES: of NewMemtable; nothing is added to it.
  void Retire(const Memtable& memtable);

  // What retired memtables take that are still there.
  uint64_t kept_bytes() const { return books_->kept_bytes(); }

  // Waits until they take no more than `most`, at most for `patience`, then it is
  // ResourceExhausted; or until `stop` (may be null) says so.
  Status WaitForReaders(uint64_t most, std::chrono::nanoseconds patience,
                        const StopToken* stop) const {
    return books_->WaitForReaders(most, patience, stop);
  }

  // Gives the system the chunks that no memtable has needed since the last call.
  void Trim() { chunks_->Trim(); }

 private:
  // What is kept, by memtable.
  class Books {
   public:
    void Add(const Memtable* memtable, uint64_t bytes);
    void Remove(const Memtable* memtable);
    uint64_t kept_bytes() const;
    Status WaitForReaders(uint64_t most, std::chrono::nanoseconds patience, const StopToken* stop);

   private:
    mutable Mutex mutex_;
    CondVar fewer_;
    absl::flat_hash_map<const Memtable*, uint64_t> retired_ SKALD_GUARDED_BY(mutex_);
    uint64_t kept_bytes_ SKALD_GUARDED_BY(mutex_) = 0;
  };

  const std::shared_ptr<ChunkPool> chunks_ = std::make_shared<ChunkPool>();
  const std::shared_ptr<Books> books_ = std::make_shared<Books>();
};

}  // namespace skald::storage
