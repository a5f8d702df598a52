// Decides whether the wall clock may be trusted with removing data.
//
// A wall clock that is wrong must not delete everything. It is not trusted while it has moved by
// more than an hour against the monotonic clock since the start; and, when at the start it stood
// more than a day after the newest row, until the machine has run steadily for a day.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/base/clock.h"

namespace skald::storage {

// Threads: externally synchronised.
class RetentionClock {
 public:
  // `newest_time`: of the rows stored at the start; nullopt: there are none.
  RetentionClock(Clock* clock, std::optional<int64_t> newest_time);

  // Why removal must wait; null when it need not.
  const char* Distrust() const;

 private:
  Clock* const clock_;
  const int64_t start_wall_;
  const int64_t start_monotonic_;
  const bool started_late_;
};

}  // namespace skald::storage
