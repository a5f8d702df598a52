#include "storage/base/chunk_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace skald {

ChunkPool::~ChunkPool() {
  for (char* const chunk : free_) munmap(chunk, kChunkBytes);
}

char* ChunkPool::Take() {
  {
    MutexLock lock(&mutex_);
    if (taken_ >= most_) throw std::bad_alloc();
    ReserveForAll();
    ++taken_;
    if (!free_.empty()) {
      char* const chunk = free_.back();
      free_.pop_back();
      fewest_ = std::min(fewest_, free_.size());
      return chunk;
    }
  }
  void* const mapped =
      mmap(nullptr, kChunkBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped != MAP_FAILED) return static_cast<char*>(mapped);
  MutexLock lock(&mutex_);
  --taken_;
  throw std::bad_alloc();
}

// Give() must not fail. Grows by doubling, as push_back would.
void ChunkPool::ReserveForAll() {
  const size_t all = free_.size() + taken_ + 1;
  if (all > free_.capacity()) free_.reserve(std::max(all, 2 * free_.capacity()));
}

void ChunkPool::Give(char* chunk) {
  MutexLock lock(&mutex_);
  --taken_;
  free_.push_back(chunk);
}

void ChunkPool::Trim() {
  std::vector<char*> unneeded;
  {
    MutexLock lock(&mutex_);
    const auto end = free_.begin() + static_cast<ptrdiff_t>(fewest_);
    unneeded.assign(free_.begin(), end);
    free_.erase(free_.begin(), end);
    fewest_ = free_.size();
  }
  for (char* const chunk : unneeded) munmap(chunk, kChunkBytes);
}

size_t ChunkPool::idle_bytes() const {
  MutexLock lock(&mutex_);
  return free_.size() * kChunkBytes;
}

}  // namespace skald
