#include "storage/base/memory_budget.h"

#include <algorithm>

#include "storage/base/check.h"

namespace skald {

Status MemoryBudget::Take(uint64_t bytes) {
  Status taken = TakeAll(bytes);
  if (!taken.ok()) refused_.store(true, std::memory_order_relaxed);
  return taken;
}

Status MemoryBudget::TakeAll(uint64_t bytes) {
  RETURN_IF_ERROR(Count(bytes));
  for (size_t i = 0; i < parents_.size(); ++i) {
    if (parents_[i] == nullptr) continue;
    const Status taken = parents_[i]->Take(bytes);
    if (taken.ok()) continue;
    if (i > 0 && parents_[0] != nullptr) parents_[0]->Give(bytes);
    used_.fetch_sub(bytes, std::memory_order_relaxed);
    return taken;
  }
  return absl::OkStatus();
}

Status MemoryBudget::Count(uint64_t bytes) {
  uint64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_ || used > limit_ - bytes) {
      return Exhausted(StrCat("not enough memory for ", name_, ": ", bytes, " bytes asked for, ",
                              used, " of ", limit_, " in use"));
    }
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  return absl::OkStatus();
}

void MemoryBudget::Give(uint64_t bytes) {
  Uncount(bytes);
  if (parents_[0] != nullptr) parents_[0]->Give(bytes);
}

MemoryBudget* MemoryBudget::GiveToParent(uint64_t bytes) {
  MemoryBudget* const parent = parents_[0];
  Uncount(bytes);
  return parent;
}

void MemoryBudget::Uncount(uint64_t bytes) {
  const uint64_t before = used_.fetch_sub(bytes, std::memory_order_relaxed);
  SKALD_DCHECK(before >= bytes);
  static_cast<void>(before);
  if (parents_[1] != nullptr) parents_[1]->Give(bytes);
}

uint64_t MemoryBudget::capacity() const {
  uint64_t capacity = limit_;
  for (const MemoryBudget* const parent : parents_) {
    if (parent != nullptr) capacity = std::min(capacity, parent->capacity());
  }
  return capacity;
}

}  // namespace skald
