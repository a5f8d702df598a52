#include "query/engine/top_rows.h"

#include <algorithm>
#include <utility>

namespace skald::query {

void TopRows::Offer(std::span<const RowKey> keys) {
  const auto before = [this](const RowKey& a, const RowKey& b) {
    return ComesBefore(a, b, direction_);
  };
  MutexLock lock(&mutex_);
  for (const RowKey& key : keys) {
    if (heap_.size() == limit_) {
      if (!before(key, heap_.front())) continue;
      std::pop_heap(heap_.begin(), heap_.end(), before);
      heap_.back() = key;
    } else {
      heap_.push_back(key);
    }
    std::push_heap(heap_.begin(), heap_.end(), before);
  }
  if (heap_.size() == limit_) worst_.store(heap_.front().time, std::memory_order_relaxed);
}

std::vector<RowKey> TopRows::TakeSorted() {
  MutexLock lock(&mutex_);
  std::sort(heap_.begin(), heap_.end(),
            [this](const RowKey& a, const RowKey& b) { return ComesBefore(a, b, direction_); });
  return std::exchange(heap_, {});
}

}  // namespace skald::query
