#include "storage/retention/retention_clock.h"

#include <limits>

namespace skald::storage {
namespace {

constexpr int64_t kHour = int64_t{3600} * 1'000'000'000;
constexpr int64_t kDay = 24 * kHour;

bool IsDayAhead(int64_t wall, std::optional<int64_t> newest_time) {
  if (!newest_time.has_value()) return false;
  return *newest_time < std::numeric_limits<int64_t>::max() - kDay && wall > *newest_time + kDay;
}

}  // namespace

RetentionClock::RetentionClock(Clock* clock, std::optional<int64_t> newest_time)
    : clock_(clock),
      start_wall_(clock->WallNanos()),
      start_monotonic_(clock->MonotonicNanos()),
      started_late_(IsDayAhead(start_wall_, newest_time)) {}

const char* RetentionClock::Distrust() const {
  const int64_t ran = clock_->MonotonicNanos() - start_monotonic_;
  const int64_t moved = clock_->WallNanos() - start_wall_ - ran;
  if (moved > kHour || moved < -kHour) {
    return "the wall clock has been moved by over an hour since the start";
  }
  if (started_late_ && ran < kDay) {
    return "at the start the wall clock stood over a day after the newest row";
  }
  return nullptr;
}

}  // namespace skald::storage
