// How pushes are slowed when a tenant's level-0 parts gather faster than they are merged.
#pragma once

#include <chrono>
#include <cstddef>

namespace skald::storage {

// How long a push of a tenant with so many level-0 parts waits: not at all while they are few, then
// the longer the more there are.
std::chrono::nanoseconds MergeDebtDelay(size_t level0_parts);

// True: so many that a push is refused until some are merged.
bool IsMergeDebtTooHigh(size_t level0_parts);

}  // namespace skald::storage
