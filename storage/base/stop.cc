#include "storage/base/stop.h"

namespace skald {

Status StopToken::Check() const {
  if (stop_requested()) return Cancelled("the request was cancelled");
  if (clock_ != nullptr && clock_->MonotonicNanos() > deadline_) {
    return DeadlineExceeded("the deadline has passed");
  }
  return absl::OkStatus();
}

}  // namespace skald
