// The storage engine's numbers as metrics, under Loki's names where it has them.
#pragma once

#include "storage/base/metrics.h"
#include "storage/engine.h"

namespace skald {

// Refreshed at every exposition. `engine` must live as long as metrics are exposed.
void ExposeEngineMetrics(const storage::Engine* engine, MetricsRegistry* registry);

}  // namespace skald
