// How much memory the process may use, before any limit of ours.
#pragma once

#include <cstdint>
#include <string>

namespace skald {

// The smallest limit of the process' control groups (version 2 memory.max and version 1
// memory.limit_in_bytes, its own group and all above it), and of the machine's memory. 0 when
// nothing of that can be read. `root` is where /proc and /sys are found; tests give another.
uint64_t MemoryLimitOfProcess(const std::string& root = "");

}  // namespace skald
