// How slowly a client may read what it asked for.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace skald::http {

// The time in which a client that reads as slowly as is borne has read so many bytes: on average
// 16 KiB a second of the first MiB, 256 KiB a second of the rest.
inline std::chrono::seconds SlowestReadTime(size_t bytes) {
  constexpr size_t kBeginning = 1 << 20;
  constexpr size_t kBytesASecond = 16 << 10;
  constexpr size_t kBytesASecondOfMuch = 256 << 10;
  const size_t beginning = std::min(bytes, kBeginning);
  return std::chrono::seconds(beginning / kBytesASecond +
                              (bytes - beginning) / kBytesASecondOfMuch);
}

}  // namespace skald::http
