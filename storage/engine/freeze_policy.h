// When a memtable that is not full becomes parts all the same: it is old, or nobody has pushed for
// a while and it holds enough. What stays in memory for long also stays in the log, as clients sent
// it.
#pragma once

#include <cstdint>

namespace skald::storage {

// Threads: immutable.
class FreezePolicy {
 public:
  // A memtable that holds rows: bytes, and nanoseconds since it was made and since the last push.
  struct Look {
    uint64_t bytes;
    int64_t age;
    int64_t idle;
  };

  // The bytes at which a memtable is full, and the nanoseconds for which rows may stay in one.
  FreezePolicy(uint64_t full_bytes, int64_t longest_age)
      : full_bytes_(full_bytes), longest_age_(longest_age) {}

  bool IsDue(const Look& look) const {
    const bool is_worth_parts = look.bytes >= full_bytes_ / kIdleShare;
    return look.age >= longest_age_ || (look.idle >= kIdleNanos && is_worth_parts);
  }

 private:
  static constexpr int64_t kIdleNanos = int64_t{10} * 1'000'000'000;
  static constexpr uint64_t kIdleShare = 4;

  const uint64_t full_bytes_;
  const int64_t longest_age_;
};

}  // namespace skald::storage
