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
  explicit MemoryCharge(MemoryBudget* budget) : reservation_(budget) {}

  // Makes sure that `bytes` more than everything announced so far are reserved.
  Status Add(uint64_t bytes) {
    announced_ += bytes;
    if (announced_ <= reservation_.bytes()) return absl::OkStatus();
    return reservation_.Grow(std::max(announced_ - reservation_.bytes(), kStep));
  }
  uint64_t announced() const { return announced_; }

 private:
  static constexpr uint64_t kStep = 64 << 10;
  Reservation reservation_;
  uint64_t announced_ = 0;
};

}  // namespace skald
