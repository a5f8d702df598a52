// Says on the terminal how far a long download has come.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "tools/cli/options.h"
#include "tools/cli/time_text.h"

namespace skald::cli {

// Threads: thread-safe.
class DownloadProgress {
 public:
  // `span` is the whole range. Silent if so wished, while entries go to a terminal, and for the
  // first second.
  DownloadProgress(const Options& options, const TimeSpan& span);
  ~DownloadProgress();

  // So much more of the range is covered, and so many more entries are here.
  void Add(int64_t nanoseconds, int64_t entries);

 private:
  const bool silent_;
  const double whole_;  // ns
  const std::chrono::steady_clock::time_point began_;
  std::atomic<int64_t> covered_{0};
  std::atomic<int64_t> entries_{0};
};

}  // namespace skald::cli
