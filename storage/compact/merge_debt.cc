#include "storage/compact/merge_debt.h"

#include <algorithm>

namespace skald::storage {
namespace {

// Twice as many as make merges hurry (maintenance.cc), then the longest delay, then refusal.
constexpr size_t kSlowFrom = 192;
constexpr size_t kSlowestFrom = 512;
constexpr size_t kRefuseFrom = 1024;
constexpr std::chrono::nanoseconds kLongestDelay = std::chrono::milliseconds(250);

}  // namespace

std::chrono::nanoseconds MergeDebtDelay(size_t level0_parts) {
  if (level0_parts <= kSlowFrom) return std::chrono::nanoseconds::zero();
  const size_t over = std::min(level0_parts, kSlowestFrom) - kSlowFrom;
  return kLongestDelay * over / (kSlowestFrom - kSlowFrom);
}

bool IsMergeDebtTooHigh(size_t level0_parts) { return level0_parts >= kRefuseFrom; }

}  // namespace skald::storage
