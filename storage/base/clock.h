// Time as the engine sees it: wall time for data, monotonic time for ages and timeouts.
#pragma once

#include <atomic>
#include <cstdint>

namespace skald {

// Threads: thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Nanoseconds since the Unix epoch; may jump.
  virtual int64_t WallNanos() const = 0;
  // Nanoseconds since an arbitrary moment, those that the machine slept included; never goes back.
  virtual int64_t MonotonicNanos() const = 0;

  // The machine's clock; lives as long as the process.
  static Clock* Real();
};

// A clock that stands still until a test moves it.
class ManualClock : public Clock {
 public:
  explicit ManualClock(int64_t wall_nanos) : wall_(wall_nanos) {}
  int64_t WallNanos() const override { return wall_.load(); }
  int64_t MonotonicNanos() const override { return monotonic_.load(); }
  // Moves both times forward.
  void Advance(int64_t nanos) {
    wall_ += nanos;
    monotonic_ += nanos;
  }
  // Moves wall time alone, as an administrator or NTP would.
  void JumpWall(int64_t nanos) { wall_ += nanos; }

 private:
  std::atomic<int64_t> wall_;
  std::atomic<int64_t> monotonic_{1};
};

}  // namespace skald
