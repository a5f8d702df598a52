// What the server says of itself when it starts: what is served, where data lies, what is kept how
// long, under which memory limit, and what of the configuration means something else than a Loki
// user may expect.
#pragma once

#include <cstdint>

#include "server/config/config.h"
#include "server/memory_plan.h"
#include "storage/base/file_system.h"
#include "storage/engine.h"

namespace skald {

// One line: what is served, and where.
void ReportServing(const config::Config& config, uint16_t port);

// One line: how memory is shared out; a warning when the limit is more than the process may have
// (`available`, 0: unknown).
void ReportMemory(const config::Config& config, const MemoryPlan& plan, uint64_t available);

// One line: where data lies, and how much of it there is.
void ReportStorage(const config::Config& config, const storage::EngineStats& stats);

// One line: how long rows are kept; a warning where Loki would keep more, and one that says what is
// stored although its period is over. `tenants`: how many have limits of their own.
void ReportRetention(const config::Config& config, size_t tenants,
                     const StatusOr<storage::ExpiredParts>& expired);

// A warning for each place where Loki's own data lies: it is neither shown nor touched.
void ReportLokiData(const config::Config& config, FileSystem* files);

// One line: the limits on pushes, which are off unless configured.
void ReportLimits(const config::Config& config);

}  // namespace skald
