// How many lines the process has logged, for its metrics.
#pragma once

#include <cstdint>

#include "storage/base/log.h"

namespace skald {

// Lines of that level since the start, those that repeated too fast to be written included.
// Threads: thread-safe.
uint64_t LogCount(LogLevel level);

}  // namespace skald
