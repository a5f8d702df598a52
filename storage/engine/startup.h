// What happens to a data directory before the engine takes requests: parts are opened, leftovers
// dealt with, a damaged manifest completed from part footers, the log replayed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/cache/page_cache.h"
#include "storage/catalog/manifest.h"
#include "storage/part/part.h"
#include "storage/wal/recovery.h"
#include "storage/writer.h"

namespace skald::storage {

// Opens every part of the manifest, in log order. A damaged or missing one is logged and left out;
// its file stays. Files that no edit names are removed, or, when the manifest was damaged or did
// not exist, either taken back into it or set aside under `<directory>/set-aside`. While the
// manifest is not durable they stay.
StatusOr<std::vector<std::shared_ptr<Part>>> OpenParts(FileSystem* files,
                                                       const std::string& directory,
                                                       Manifest* manifest, bool manifest_existed,
                                                       PageCache* cache);

// Replays the log's records that are not yet in parts: `insert(tenant, position, streams)` for each
// push. A record that does not decode is logged and counted in stats->damaged_ranges.
using InsertRows = absl::FunctionRef<Status(std::string_view tenant, LogPosition position,
                                            std::span<const StreamRows> streams)>;
Status ReplayPushes(FileSystem* files, const std::string& log_directory, LogPosition skip_up_to,
                    RecordDecoder* decoder, InsertRows insert, ReplayStats* stats);

}  // namespace skald::storage
