// An append-only list that one thread grows while others read it without a lock.
//
// Elements lie in chunks that never move, each half as large as those before together, within
// bounds: lists of a few elements waste little. The writer fills an element, then publishes it by a
// release-store of the size; a reader that has loaded a size may read that many elements.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>
#include <type_traits>

namespace skald::storage {

// Memory comes from the arena of the writer, which must outlive the list.
// Threads: one writer (externally synchronised), any number of readers.
template <typename T, uint32_t kFirstChunk, uint32_t kLargestChunk>
class PublishedList {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  PublishedList() = default;
  PublishedList(const PublishedList&) = delete;
  PublishedList& operator=(const PublishedList&) = delete;

  // The writer's. Has room made for the next element, so that Append needs no memory. The arena is
  // anything with Arena's Allocate.
  template <typename ArenaType>
  void Reserve(ArenaType* arena) {
    if (tail_ == nullptr || tail_used_ == tail_->capacity) AddChunk(arena);
  }

  // The writer's. Where there is no memory, nothing is appended.
  template <typename ArenaType>
  void Append(const T& element, ArenaType* arena) {
    Reserve(arena);
    last_ = tail_->elements() + tail_used_++;
    *last_ = element;
    size_.store(size_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // The element appended last, or null; the writer's.
  const T* last() const { return last_; }

  // Brings what the next Append touches into the processor's cache; the writer's.
  void PrefetchTail() const {
    if (tail_ != nullptr) __builtin_prefetch(tail_->elements() + tail_used_, /*rw=*/1);
  }

  // Brings the chunk after `before` chunks into the processor's cache; those must be in it already,
  // or are waited for.
  void PrefetchChunk(uint32_t before) const {
    const Chunk* chunk = head_.load(std::memory_order_acquire);
    for (; before > 0 && chunk != nullptr; --before) {
      chunk = chunk->next.load(std::memory_order_acquire);
    }
    if (chunk == nullptr) return;
    __builtin_prefetch(chunk);
    __builtin_prefetch(chunk->elements() + 1);
  }

  // Elements published so far.
  uint32_t size() const { return size_.load(std::memory_order_acquire); }

  // Calls f(element) for the first `count` elements. REQUIRES: count <= a size() already loaded.
  template <typename F>
  void ForEach(uint32_t count, F&& f) const {
    const Chunk* chunk = head_.load(std::memory_order_acquire);
    while (count > 0) {
      const uint32_t here = std::min(count, chunk->capacity);
      for (uint32_t i = 0; i < here; ++i) f(chunk->elements()[i]);
      count -= here;
      chunk = chunk->next.load(std::memory_order_acquire);
    }
  }

 private:
  struct Chunk {
    std::atomic<Chunk*> next{nullptr};
    uint32_t capacity = 0;
    T* elements() { return reinterpret_cast<T*>(this + 1); }
    const T* elements() const { return reinterpret_cast<const T*>(this + 1); }
  };
  static_assert(sizeof(Chunk) % alignof(T) == 0);

  template <typename ArenaType>
  void AddChunk(ArenaType* arena) {
    const uint32_t before = size_.load(std::memory_order_relaxed);
    const uint32_t capacity = std::clamp(before / 2, kFirstChunk, kLargestChunk);
    // NOLINTNEXTLINE(bugprone-sizeof-expression): items may be pointers.
    char* memory = arena->Allocate(sizeof(Chunk) + capacity * sizeof(T), alignof(Chunk));
    Chunk* chunk = new (memory) Chunk();
    chunk->capacity = capacity;
    if (tail_ == nullptr) {
      head_.store(chunk, std::memory_order_release);
    } else {
      tail_->next.store(chunk, std::memory_order_release);
    }
    tail_ = chunk;
    tail_used_ = 0;
  }

  std::atomic<uint32_t> size_{0};
  uint32_t tail_used_ = 0;
  std::atomic<Chunk*> head_{nullptr};
  Chunk* tail_ = nullptr;
  T* last_ = nullptr;
};

}  // namespace skald::storage
