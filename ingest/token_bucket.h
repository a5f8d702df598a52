// A token bucket: so many tokens a second, so many at once.
#pragma once

#include <algorithm>
#include <cstdint>

namespace skald::ingest {

// Threads: externally synchronised.
class TokenBucket {
 public:
  // Full at `now` (monotonic nanoseconds).
  TokenBucket(double burst, int64_t now) : tokens_(burst), updated_(now) {}

  // Takes `count` tokens if there are so many.
  bool Take(double count, double rate, double burst, int64_t now) {
    tokens_ = TokensAt(rate, burst, now);
    updated_ = now;
    if (count > tokens_) return false;
    tokens_ -= count;
    return true;
  }

  // The tokens there would be.
  double TokensAt(double rate, double burst, int64_t now) const {
    return std::min(burst, tokens_ + rate * static_cast<double>(now - updated_) / 1e9);
  }
  int64_t updated() const { return updated_; }

 private:
  double tokens_;
  int64_t updated_;
};

}  // namespace skald::ingest
