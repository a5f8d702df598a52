// Charges growing structures to a budget in steps, ahead of their allocations.
#pragma once

#include <algorithm>
#include <cstdint>

#include "storage/base/memory_budget.h"
#include "storage/base/units.h"

namespace skald {

// Threads: externally synchronised.
class MemoryCharge {
 public:
  // `budget` may be null: nothing is charged.
  explicit MemoryCharge(MemoryBudget* budget) : budget_(budget), reservation_(budget) {}

  // Makes sure that `bytes` more than everything announced so far are reserved. A refusal leaves
  // what is announced as it was.
  Status Add(uint64_t bytes) {
    const uint64_t left = reservation_.bytes() - announced_;
    if (bytes > left) RETURN_IF_ERROR(reservation_.Grow(std::max(bytes - left, kStep)));
    announced_ += bytes;
    return absl::OkStatus();
  }

  MemoryBudget* budget() const { return budget_; }

 private:
  static constexpr uint64_t kStep = 64 << 10;
  MemoryBudget* budget_;
  Reservation reservation_;
  uint64_t announced_ = 0;  // of what is reserved
};

}  // namespace skald
