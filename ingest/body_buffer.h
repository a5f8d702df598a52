// The bytes of a decompressed body: grown with realloc, charged to a reservation, padded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "storage/base/memory_budget.h"
#include "storage/base/status.h"

namespace skald::ingest {

// Bytes past the end of a buffer that may be read (simdjson does).
inline constexpr size_t kBodyPadding = 64;

// Threads: externally synchronised.
class BodyBuffer {
 public:
  // Forgets the content; what is added from now on is charged to `memory` and may not exceed
  // `limit` bytes. Keeps a small allocation.
  void Reset(Reservation* memory, uint64_t limit);
  // Forgets the content and takes no more until Reset().
  void Shrink() { Reset(nullptr, 0); }

  // Makes room for `capacity` bytes in all. An error with status 413 when that is over the limit,
  // ResourceExhausted when the memory is not to be had.
  Status Reserve(uint64_t capacity);
  // Makes room for more, at least `more` bytes and roughly doubling.
  Status GrowBy(uint64_t more);

  Status Append(std::string_view bytes);

  char* end() { return bytes_.get() + size_; }
  size_t room() const { return capacity_ - size_; }
  // Counts `count` bytes that were written at end(). REQUIRES: count <= room().
  void Advance(size_t count) { size_ += count; }

  std::string_view view() const { return {bytes_.get(), size_}; }
  uint64_t limit() const { return limit_; }
  // Writes zeros into the padding and returns the content.
  std::string_view Padded();

 private:
  struct Free {
    void operator()(char* bytes) const { std::free(bytes); }
  };
  std::unique_ptr<char, Free> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;  // without the padding
  uint64_t limit_ = 0;
  Reservation* memory_ = nullptr;
};

// The error of a body that is too large once decompressed.
Status BodyTooLarge(uint64_t limit);

}  // namespace skald::ingest
