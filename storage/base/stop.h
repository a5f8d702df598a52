// Cooperative cancellation of one piece of work: a flag set by whoever no longer wants the result,
// and a deadline on the monotonic clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>

#include "storage/base/clock.h"
#include "storage/base/status.h"

namespace skald {

// Threads: thread-safe. Owned by the requester; workers hold a pointer and poll Check() at every
// block or other bounded amount of work.
class StopToken {
 public:
  StopToken() = default;
  StopToken(const Clock* clock, int64_t deadline_monotonic_nanos)
      : clock_(clock), deadline_(deadline_monotonic_nanos) {}
  StopToken(const StopToken&) = delete;
  StopToken& operator=(const StopToken&) = delete;

  void RequestStop() { stopped_.store(true, std::memory_order_relaxed); }
  bool stop_requested() const { return stopped_.load(std::memory_order_relaxed); }

  // OK to go on; Cancelled after RequestStop; DeadlineExceeded past the deadline.
  Status Check() const;

 private:
  std::atomic<bool> stopped_{false};
  const Clock* clock_ = nullptr;
  int64_t deadline_ = std::numeric_limits<int64_t>::max();
};

}  // namespace skald
