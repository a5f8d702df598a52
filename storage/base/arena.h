// A bump allocator: many small byte strings and arrays that die together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace skald {

// Memory handed out never moves and lives until Reset() or destruction.
// Threads: externally synchronised.
class Arena {
 public:
  explicit Arena(size_t first_chunk = 4096) : next_chunk_(first_chunk) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  // The arena moved from is empty and may be used again.
  Arena(Arena&& other) noexcept
      : chunks_(std::exchange(other.chunks_, {})),
        head_(std::exchange(other.head_, nullptr)),
        left_(std::exchange(other.left_, 0)),
        next_chunk_(other.next_chunk_),
        capacity_(std::exchange(other.capacity_, 0)) {}
  Arena& operator=(Arena&& other) noexcept {
    chunks_ = std::exchange(other.chunks_, {});
    head_ = std::exchange(other.head_, nullptr);
    left_ = std::exchange(other.left_, 0);
    next_chunk_ = other.next_chunk_;
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  // Returns `size` bytes aligned to `alignment` (a power of two up to 16).
  char* Allocate(size_t size, size_t alignment = 1) {
    const size_t padding = (0 - reinterpret_cast<uintptr_t>(head_)) & (alignment - 1);
    if (size + padding > left_) return AllocateSlow(size, alignment);
    char* result = head_ + padding;
    head_ = result + size;
    left_ -= size + padding;
    return result;
  }

  // Returns a copy of `text` that lives in the arena; empty text has a non-null pointer.
  std::string_view Copy(std::string_view text) {
    char* to = Allocate(text.size() + 1);
    if (!text.empty()) std::memcpy(to, text.data(), text.size());
    return std::string_view(to, text.size());
  }

  // Returns an uninitialised array. REQUIRES: T is trivially destructible.
  template <typename T>
  std::span<T> NewArray(size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    return std::span<T>(reinterpret_cast<T*>(Allocate(count * sizeof(T), alignof(T))), count);
  }

  // Forgets everything handed out but keeps the largest chunk for reuse.
  void Reset();

  // Bytes held from the system.
  size_t capacity() const { return capacity_; }

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
  };
  char* AllocateSlow(size_t size, size_t alignment);

  std::vector<Chunk> chunks_;
  char* head_ = nullptr;
  size_t left_ = 0;
  size_t next_chunk_;
  size_t capacity_ = 0;
};

}  // namespace skald
