#include "storage/base/memory_budget.h"

#include "storage/base/check.h"

namespace skald {

Status MemoryBudget::Take(uint64_t bytes) {
  uint64_t used = used_.load(std::memory_order_relaxed);
  do {
    if (bytes > limit_ || used > limit_ - bytes) {
      return Exhausted(StrCat("not enough memory for ", name_, ": ", bytes, " bytes asked for, ",
                              used, " of ", limit_, " in use"));
    }
  } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
  if (parent_ == nullptr) return absl::OkStatus();
  Status taken = parent_->Take(bytes);
  if (!taken.ok()) used_.fetch_sub(bytes, std::memory_order_relaxed);
  return taken;
}

void MemoryBudget::Give(uint64_t bytes) {
  const uint64_t before = used_.fetch_sub(bytes, std::memory_order_relaxed);
  SKALD_DCHECK(before >= bytes);
  static_cast<void>(before);
  if (parent_ != nullptr) parent_->Give(bytes);
}

}  // namespace skald
