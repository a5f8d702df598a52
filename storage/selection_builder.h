// From a selector and a time range to scan units: streams by label index, blocks by streams and
// times, rows hidden as duplicates across sources.
#pragma once

#include <memory>
#include <span>

#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/reader.h"
#include "storage/tenant_snapshot.h"

namespace skald::storage {

StatusOr<std::unique_ptr<Selection>> BuildSelection(std::shared_ptr<const TenantSnapshot> snapshot,
                                                    std::span<const Matcher> matchers,
                                                    TimeRange range, const StopToken* stop);

}  // namespace skald::storage
