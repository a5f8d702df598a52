// The storage engine's state and the process' own as metrics.
#pragma once

#include "storage/base/metrics.h"
#include "storage/engine.h"

namespace skald {

// Registers gauges that are read anew at every exposition. `engine` must outlive the registry's
// last Expose().
void ExportEngineMetrics(storage::Engine* engine, MetricsRegistry* registry);

}  // namespace skald
