#include "server/memory_plan.h"

#include <algorithm>

#include "storage/base/units.h"

namespace skald {
namespace {

constexpr uint64_t kLargestDefaultLimit = 1_GiB;
// Larger memtables make larger parts, but merging does so too, and costs no memory.
constexpr uint64_t kLargestMemtable = 32_MiB;
constexpr uint64_t kMostForCompaction = 128_MiB;
constexpr uint64_t kLeastForLightQueries = 4_MiB;

// What a control group allows is ours; of a whole machine a quarter is.
uint64_t DefaultLimit(uint64_t available, uint64_t machine) {
  const bool grouped = available != 0 && available < machine;
  const uint64_t ours = grouped ? available : machine / 4;
  return ours == 0 ? kLargestDefaultLimit : std::min(ours, kLargestDefaultLimit);
}

}  // namespace

MemoryPlan PlanMemory(const config::ResourceConfig& config, uint64_t available, uint64_t machine) {
  MemoryPlan plan;
  plan.limit = config.memory_limit != 0 ? config.memory_limit : DefaultLimit(available, machine);
  plan.memtable = config.memtable_size != 0 ? config.memtable_size
                                            : std::clamp(plan.limit / 16, 4_MiB, kLargestMemtable);
  // Of what is not counted.
  plan.largest_push = plan.limit / 8;
  // What one query keeps, which began while a memtable was written, and some more.
  plan.kept_memtables = plan.memtable / 2 * 5;
  plan.page_cache = config.page_cache_size != 0 ? config.page_cache_size : plan.limit / 8;
  plan.stream_cache = plan.limit / 16;
  plan.rate_limiter = plan.limit / 32;
  plan.log_buffer = std::clamp(plan.limit / 16, 4_MiB, 64_MiB);
  plan.compaction = std::min(plan.limit / 8, kMostForCompaction);
  plan.tails = plan.limit / 32;
  plan.requests = plan.limit / 8 * 3 - plan.tails;
  plan.bodies = plan.limit / 4;
  plan.queries = plan.requests - plan.bodies / 8;
  plan.light_reserve =
      std::min(std::max(plan.queries / 8, kLeastForLightQueries), plan.queries / 4);
  return plan;
}

}  // namespace skald
