// quantile_over_time: needs every value of a window, in no order.
#pragma once

#include <memory>

#include "query/engine/range_function.h"

namespace skald::query {

// Linear interpolation between the closest ranks; NaN sorts first. What it refers to must outlive
// it.
std::unique_ptr<RangeFunction> NewQuantile(double quantile, const Windows& windows,
                                           MemoryCharge* charge);

}  // namespace skald::query
