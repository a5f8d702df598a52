// Removes parts whose rows are all past their retention.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>

#include "storage/base/clock.h"
#include "storage/base/status.h"
#include "storage/retention.h"
#include "storage/retention/retention_clock.h"
#include "storage/state/part_exchange.h"

namespace skald::storage {

// Threads: externally synchronised, but for FindExpired(), may_remove() and the numbers at the end.
class RetentionSweeper {
 public:
  // A part goes when it has been found expired for `delete_delay_nanos` of monotonic time.
  RetentionSweeper(Clock* clock, int64_t delete_delay_nanos, PartExchange* engine);

  // Looks at every part once. `policy` may be null: nothing expires.
  Status Sweep(const RetentionPolicy* policy);

  // What the next sweeps would remove. Threads: thread-safe.
  StatusOr<ExpiredParts> FindExpired(const RetentionPolicy* policy) const;

  uint64_t sweeps() const { return sweeps_.load(); }

  // Whether the clock is trusted with removing data.
  bool may_remove() const { return trust_.Distrust() == nullptr; }
  uint64_t parts_removed() const { return parts_removed_.load(); }
  // True while the clock is not trusted.
  bool suspended() const { return suspended_.load(); }

 private:
  Status SweepAll(const RetentionPolicy* policy);
  static StatusOr<bool> IsExpired(const Part& part, const RetentionCuts& cuts);
  // Sorts out the tenant's expired parts, noting the new ones in `expired`.
  Status SweepTenant(const PartList& parts, const RetentionCuts& cuts,
                     std::map<FileNumber, int64_t>* expired);

  Clock* const clock_;
  const int64_t delete_delay_;
  PartExchange* const engine_;
  const RetentionClock trust_;
  std::map<FileNumber, int64_t> expired_;  // since which monotonic time
  std::atomic<uint64_t> sweeps_{0};
  std::atomic<uint64_t> parts_removed_{0};
  std::atomic<bool> suspended_{false};
};

}  // namespace skald::storage
