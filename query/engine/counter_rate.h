// rate_counter: needs the samples of a window in their order.
#pragma once

#include <memory>

#include "query/engine/range_function.h"

namespace skald::query {

// Loki's counter rate: Prometheus' extrapolated increase with Loki's mixture of units, which is
// stable and relied upon (logql.md 8.2). What it refers to must outlive it.
std::unique_ptr<RangeFunction> NewCounterRate(double range_seconds, const Windows& windows,
                                              MemoryCharge* charge);

}  // namespace skald::query
