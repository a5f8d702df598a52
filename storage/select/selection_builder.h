// From a selector and a time range to scan units: streams by label index, blocks by streams and
// times, rows hidden as duplicates across sources.
#pragma once

#include <memory>
#include <span>

#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/reader.h"
#include "storage/select/stored_selection.h"
#include "storage/select/tenant_snapshot.h"

namespace skald::storage {

// As Snapshot::Select and Snapshot::Streams.
StatusOr<std::unique_ptr<StoredSelection>> BuildSelection(
    std::shared_ptr<const TenantSnapshot> snapshot, std::span<const Matcher> matchers,
    TimeRange range, const StopToken* stop, MemoryBudget* memory);
StatusOr<std::vector<StreamPtr>> FindStreams(std::shared_ptr<const TenantSnapshot> snapshot,
                                             std::span<const Matcher> matchers, TimeRange range,
                                             const StopToken* stop, MemoryCharge* charge);

// The same from everything that one part holds, hidden rows included.
StatusOr<std::unique_ptr<StoredSelection>> BuildPartSelection(
    const std::shared_ptr<const Part>& part, std::span<const Matcher> matchers, TimeRange range,
    PageCache* cache, const StopToken* stop);

}  // namespace skald::storage
