#include "storage/base/stop.h"

namespace skald {

Status StopToken::Check() const {
  if (stop_requested()) return Cancelled("the request was cancelled");
  if (clock_ != nullptr && clock_->MonotonicNanos() > deadline_) {
    return DeadlineExceeded("the deadline has passed");
  }
  if (overspent()) return absl::AbortedError("the work that is allowed has been done");
  return absl::OkStatus();
}

void StopToken::Allow(uint64_t bytes) {
  spent_.store(0, std::memory_order_relaxed);
  allowance_.store(bytes, std::memory_order_relaxed);
}

Status StopToken::Spend(uint64_t bytes) const {
  spent_.fetch_add(bytes, std::memory_order_relaxed);
  return Check();
}

Status StopToken::Foresee(uint64_t bytes) const {
  const uint64_t allowance = allowance_.load(std::memory_order_relaxed);
  const uint64_t spent = spent_.load(std::memory_order_relaxed);
  const bool too_much = spent > allowance || bytes > allowance - spent;
  return too_much ? Spend(bytes) : Check();
}

}  // namespace skald
