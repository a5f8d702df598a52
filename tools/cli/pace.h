// Holds work to so many bytes a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <thread>

namespace skald::cli {

// Threads: externally synchronised.
class Pace {
 public:
  // 0: no limit.
  explicit Pace(uint64_t bytes_per_second) : rate_(static_cast<double>(bytes_per_second)) {}

  // Returns when `bytes` more may be sent.
  void Wait(int64_t bytes) {
    if (rate_ <= 0) return;
    auto now = Clock::now();
    if (next_ < now) next_ = now;
    std::this_thread::sleep_until(next_);
    next_ += std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(static_cast<double>(bytes) / rate_));
  }

 private:
  using Clock = std::chrono::steady_clock;
  const double rate_;
  Clock::time_point next_;
};

}  // namespace skald::cli
