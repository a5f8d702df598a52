// Cooperative cancellation of one piece of work: a flag set by whoever no longer wants the result,
// a deadline on the monotonic clock, and an allowance of work.
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

  // Work beyond `bytes` is refused from now on; work counted before does not matter.
  void Allow(uint64_t bytes);
  // Work without end is allowed again.
  void AllowAll() { Allow(std::numeric_limits<uint64_t>::max()); }
  // True if more work was counted, or foreseen, than is allowed.
  bool overspent() const {
    return spent_.load(std::memory_order_relaxed) > allowance_.load(std::memory_order_relaxed);
  }

  // OK to go on; Cancelled after RequestStop; DeadlineExceeded past the deadline; Aborted when
  // overspent.
  Status Check() const;
  // Counts work that is about to be done, in bytes looked at or what takes as long; then as Check.
  Status Spend(uint64_t bytes) const;
  // Says that at least so much work will follow. Counts it only if it is more than is allowed, for
  // those who do it will; then as Check.
  Status Foresee(uint64_t bytes) const;

 private:
  std::atomic<bool> stopped_{false};
  std::atomic<uint64_t> allowance_{std::numeric_limits<uint64_t>::max()};
  mutable std::atomic<uint64_t> spent_{0};
  const Clock* clock_ = nullptr;
  int64_t deadline_ = std::numeric_limits<int64_t>::max();
};

// As Check and Spend; OK without a token.
inline Status CheckStop(const StopToken* stop) {
  return stop == nullptr ? absl::OkStatus() : stop->Check();
}
inline Status Spend(const StopToken* stop, uint64_t bytes) {
  return stop == nullptr ? absl::OkStatus() : stop->Spend(bytes);
}

}  // namespace skald
