#include "server/memory_plan.h"

#include <algorithm>

#include "storage/base/units.h"

namespace skald {

MemoryPlan PlanMemory(const config::ResourceConfig& config, uint64_t available) {
  const uint64_t machine = available == 0 ? 2_GiB : available;
  MemoryPlan plan;
  plan.limit = config.memory_limit != 0 ? config.memory_limit : machine / 8 * 5;
  plan.memtable = config.memtable_size != 0 ? config.memtable_size
                                            : std::clamp<uint64_t>(plan.limit / 16, 4_MiB, 64_MiB);
  plan.page_cache = config.page_cache_size != 0 ? config.page_cache_size : plan.limit / 8;
  plan.bodies = plan.limit / 4;
  plan.queries = plan.limit / 8 * 3;
  return plan;
}

}  // namespace skald
