#include "server/memory_plan.h"

#include <algorithm>

#include "storage/base/units.h"

namespace skald {
namespace {

constexpr uint64_t kLargestDefaultLimit = 1_GiB;
constexpr uint64_t kSmallestMemtable = 4_MiB;
// A larger memtable makes fewer parts, but little else better.
constexpr uint64_t kLargestMemtable = 48_MiB;

}  // namespace

uint64_t DefaultMemoryLimit(uint64_t available, uint64_t machine) {
  if (available > 0 && available < machine) return std::min(available, kLargestDefaultLimit);
  if (machine == 0) return kLargestDefaultLimit;
  return std::min(machine / 4, kLargestDefaultLimit);
}

MemoryPlan PlanMemory(uint64_t limit, uint64_t memtable, uint64_t page_cache) {
  MemoryPlan plan;
  plan.limit = limit;
  plan.memtable =
      memtable > 0 ? memtable : std::clamp(limit / 8, kSmallestMemtable, kLargestMemtable);
  plan.page_cache = page_cache > 0 ? page_cache : limit / 8;
  plan.bodies = limit / 4;
  plan.queries = limit / 4;
  return plan;
}

}  // namespace skald
