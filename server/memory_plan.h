// How the process' memory is shared out among its users.
#pragma once

#include <cstdint>

#include "server/config/config.h"

namespace skald {

// Bytes each. The parts leave about an eighth of the limit for everything that is not counted.
struct MemoryPlan {
  uint64_t limit = 0;
  uint64_t memtable =
      0;  // one; two exist while one is written; many streams may take as much again
  uint64_t largest_push = 0;  // rows of one, on top of two memtables; four memtables may be more
  // What queries may keep of memtables that are parts by now, when another query begins.
  uint64_t kept_memtables = 0;
  uint64_t page_cache = 0;
  uint64_t stream_cache = 0;
  uint64_t rate_limiter = 0;  // streams whose rates are limited
  uint64_t log_buffer = 0;    // records that wait for the disk
  uint64_t compaction = 0;    // what a merge holds of its inputs and output
  uint64_t requests = 0;      // bodies and queries together
  uint64_t bodies = 0;        // of pushes, as received and decoded
  uint64_t queries = 0;       // results and answers; less than `requests`, so that bodies find room
  // The part of `queries` that heavy ones, and they and bodies together, leave to light ones.
  uint64_t light_reserve = 0;
  uint64_t tails = 0;  // what arrives for tails and what waits for their clients
};

// What the configuration asks for; what it leaves open follows from its limit. The limit's default
// is what a control group leaves the process (`available`, 0: unknown), else a quarter of the
// machine's memory, and at most 1 GiB.
MemoryPlan PlanMemory(const config::ResourceConfig& config, uint64_t available, uint64_t machine);

}  // namespace skald
