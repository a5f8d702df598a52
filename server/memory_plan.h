// How the process' memory limit is split among those who hold memory.
#pragma once

#include <cstdint>

namespace skald {

// Bytes. The parts sum up to the limit: three memtables (one taking rows, one waiting, one being
// written), the page cache, request bodies, queries with their answers.
struct MemoryPlan {
  uint64_t limit = 0;
  uint64_t memtable = 0;
  uint64_t page_cache = 0;
  uint64_t bodies = 0;
  uint64_t queries = 0;
};

// The limit when none is set: `available` (0: unknown) where a control group sets it, else a
// quarter of the machine's memory, and at most 1 GiB.
uint64_t DefaultMemoryLimit(uint64_t available, uint64_t machine);

// Splits `limit`; memtable and page cache may be given (0: choose).
MemoryPlan PlanMemory(uint64_t limit, uint64_t memtable, uint64_t page_cache);

}  // namespace skald
