// Equal chunks of memory that go from one short-lived user to the next without the system's help.
//
// Chunks are mapped, not allocated: what the pool gives up leaves the process at once, whatever
// lies around it in the heap.
#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "storage/base/mutex.h"
#include "storage/base/units.h"

namespace skald {

// Threads: thread-safe. Must outlive the use of its chunks, which must all be given back.
class ChunkPool {
 public:
  static constexpr size_t kChunkBytes = 1_MiB;

  // No more than `most` chunks are taken at a time.
  explicit ChunkPool(size_t most = std::numeric_limits<size_t>::max()) : most_(most) {}
  ~ChunkPool();
  ChunkPool(const ChunkPool&) = delete;
  ChunkPool& operator=(const ChunkPool&) = delete;

  // Returns kChunkBytes bytes of any content, aligned to a page. Throws std::bad_alloc where the
  // system or the bound allows no more.
  char* Take();
  // Takes back what Take() returned.
  void Give(char* chunk);
  // Gives the system the chunks that nobody has needed since the last call.
  void Trim();

  // Bytes that wait to be taken.
  size_t idle_bytes() const;

 private:
  // Has room in free_ for every chunk there is, and one more.
  void ReserveForAll() SKALD_REQUIRES(mutex_);

  const size_t most_;
  mutable Mutex mutex_;
  std::vector<char*> free_ SKALD_GUARDED_BY(mutex_);
  size_t taken_ SKALD_GUARDED_BY(mutex_) = 0;   // chunks outside free_
  size_t fewest_ SKALD_GUARDED_BY(mutex_) = 0;  // in free_ since the last Trim
};

}  // namespace skald
