// The best rows of a log query so far: the newest or the oldest `limit` ones.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "query/engine/engine.h"
#include "storage/base/memory_charge.h"
#include "storage/base/mutex.h"
#include "storage/model/ids.h"

namespace skald::query {

// Where a row stands in the order of all rows: time, then stream, then arrival. Forward queries
// take rows in this order, backward ones in its exact reverse.
struct RowKey {
  int64_t time = 0;
  StreamId stream;
  uint64_t arrival = 0;  // of the unit
  uint32_t unit = 0;     // index in the selection
  uint32_t row = 0;      // in the unit

  auto operator<=>(const RowKey&) const = default;
};

// True if `a` comes before `b` in the answer.
inline bool ComesBefore(const RowKey& a, const RowKey& b, Direction direction) {
  return direction == Direction::kForward ? a < b : b < a;
}

// Rows, and the memory that is charged for them.
struct KeptRows {
  std::vector<RowKey> keys;
  MemoryCharge charge;
};

// Threads: thread-safe.
class TopRows {
 public:
  // Charges the rows it keeps to `memory`, which may be null. REQUIRES: limit > 0.
  TopRows(size_t limit, Direction direction, MemoryBudget* memory)
      : limit_(limit), direction_(direction), charge_(memory) {}

  // ResourceExhausted when there is no memory for more.
  Status Offer(std::span<const RowKey> keys);

  // False if no row at `time` can be among the best any more.
  bool CanEnter(int64_t time) const {
    const int64_t worst = worst_.load(std::memory_order_relaxed);
    return direction_ == Direction::kForward ? time <= worst : time >= worst;
  }

  // The rows kept, in the order of the answer. REQUIRES: no other thread offers.
  KeptRows TakeSorted();

  size_t limit() const { return limit_; }
  Direction direction() const { return direction_; }

 private:
  // Makes room for so many more.
  Status Reserve(size_t more) SKALD_REQUIRES(mutex_);

  const size_t limit_;
  const Direction direction_;
  Mutex mutex_;
  std::vector<RowKey> heap_ SKALD_GUARDED_BY(mutex_);  // the last in the order on top
  MemoryCharge charge_ SKALD_GUARDED_BY(mutex_);
  // The time of the last row kept, once there are `limit` of them.
  std::atomic<int64_t> worst_{direction_ == Direction::kForward
                                  ? std::numeric_limits<int64_t>::max()
                                  : std::numeric_limits<int64_t>::min()};
};

}  // namespace skald::query
