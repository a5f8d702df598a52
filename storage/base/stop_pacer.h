// Asks a stop token once in a while during work that comes in small pieces.
#pragma once

#include <cstdint>
#include <utility>

#include "storage/base/stop.h"

namespace skald {

// Threads: externally synchronised.
class StopPacer {
 public:
  // Work between two looks: some tenths of a millisecond of most kinds of work.
  static constexpr uint64_t kInterval = 256 << 10;

  // `stop` may be null: the work is then never stopped.
  explicit StopPacer(const StopToken* stop) : stop_(stop) {}

  // Counts work that was done, in bytes looked at or what takes as long, which the token need not
  // hear of.
  void Count(uint64_t work) { done_ += work; }
  // Counts work that the next look spends.
  void CountNew(uint64_t work) {
    done_ += work;
    unspent_ += work;
  }
  // True once the token should be asked again.
  bool is_due() const { return done_ >= kInterval; }
  // Asks the token if it is time; errors as StopToken::Spend.
  Status Check() {
    if (!is_due()) return absl::OkStatus();
    done_ = 0;
    return skald::Spend(stop_, std::exchange(unspent_, 0));
  }
  Status Spend(uint64_t work) {
    Count(work);
    return Check();
  }

 private:
  const StopToken* stop_;
  uint64_t done_ = 0;
  uint64_t unspent_ = 0;  // of that
};

}  // namespace skald
