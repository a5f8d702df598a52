// The memory of a memtable: a bump allocator over chunks of a pool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "storage/base/chunk_pool.h"

namespace skald::storage {

// Memory handed out never moves and lives as long as this.
// Threads: externally synchronised.
class PooledArena {
 public:
  explicit PooledArena(std::shared_ptr<ChunkPool> pool) : pool_(std::move(pool)) {}
  ~PooledArena();
  PooledArena(const PooledArena&) = delete;
  PooledArena& operator=(const PooledArena&) = delete;

  // Returns `size` bytes aligned to `alignment` (a power of two up to 16).
  char* Allocate(size_t size, size_t alignment = 1) {
    const size_t padding = (0 - reinterpret_cast<uintptr_t>(head_)) & (alignment - 1);
    if (size + padding > left_) return AllocateSlow(size);
    char* const result = head_ + padding;
    head_ = result + size;
    left_ -= size + padding;
    return result;
  }

  // Bytes that can no longer be handed out.
  size_t used() const { return chunks_.size() * ChunkPool::kChunkBytes + large_bytes_ - left_; }

 private:
  char* AllocateSlow(size_t size);

  const std::shared_ptr<ChunkPool> pool_;
  std::vector<char*> chunks_;
  std::vector<std::unique_ptr<char[]>> large_;  // for what no chunk holds
  size_t large_bytes_ = 0;
  char* head_ = nullptr;
  size_t left_ = 0;
};

}  // namespace skald::storage
