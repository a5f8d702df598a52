#include "query/engine/top_rows.h"

#include <algorithm>
#include <utility>

namespace skald::query {

Status TopRows::Reserve(size_t more) {
  const size_t wanted = std::min(heap_.size() + more, limit_);
  if (wanted <= heap_.capacity()) return absl::OkStatus();
  const size_t capacity = std::min(std::max(wanted, 2 * heap_.capacity()), limit_);
  RETURN_IF_ERROR(charge_.Add((capacity - heap_.capacity()) * sizeof(RowKey)));
  heap_.reserve(capacity);
  return absl::OkStatus();
}

Status TopRows::Offer(std::span<const RowKey> keys) {
  const auto before = [this](const RowKey& a, const RowKey& b) {
    return ComesBefore(a, b, direction_);
  };
  MutexLock lock(&mutex_);
  RETURN_IF_ERROR(Reserve(keys.size()));
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
  return absl::OkStatus();
}

KeptRows TopRows::TakeSorted() {
  MutexLock lock(&mutex_);
  std::sort(heap_.begin(), heap_.end(),
            [this](const RowKey& a, const RowKey& b) { return ComesBefore(a, b, direction_); });
  return {std::exchange(heap_, {}), std::exchange(charge_, MemoryCharge(nullptr))};
}

}  // namespace skald::query
