// Decides which lines of a noisy call site reach the log.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "storage/base/mutex.h"
#include "storage/base/strings.h"

namespace skald {

// Lets the first kLinesPerSecond lines of a call site through in each second that begins with its
// first line. Holds one small entry per call site, so it is bounded by the program's text.
// Threads: thread-safe.
class LogRateLimit {
 public:
  static constexpr uint32_t kLinesPerSecond = 10;

  // Asks for one line of the call site. Nothing: drop it. Otherwise the number of lines dropped
  // since the last one that passed. REQUIRES: `file` is a string literal.
  std::optional<uint64_t> Admit(const char* file, int line, int64_t monotonic_nanos);

 private:
  struct Site {
    int64_t window_begin = 0;
    uint32_t lines = 0;
    uint64_t dropped = 0;
  };
  Mutex mutex_;
  absl::flat_hash_map<std::pair<const char*, int>, Site> sites_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald
