#include "storage/memtable/pooled_arena.h"

namespace skald::storage {

PooledArena::~PooledArena() {
  for (char* const chunk : chunks_) pool_->Give(chunk);
}

char* PooledArena::AllocateSlow(size_t size) {
  if (size > ChunkPool::kChunkBytes) {
    large_.push_back(std::make_unique_for_overwrite<char[]>(size));
    large_bytes_ += size;
    return large_.back().get();
  }
  chunks_.reserve(chunks_.size() + 1);
  chunks_.push_back(pool_->Take());
  head_ = chunks_.back() + size;
  left_ = ChunkPool::kChunkBytes - size;
  return chunks_.back();
}

}  // namespace skald::storage
