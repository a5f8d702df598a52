// Carries out one merge plan, up to the manifest edit that makes it count.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/cache/page_cache.h"
#include "storage/catalog/catalog.h"
#include "storage/compact/merge_plan.h"
#include "storage/compact/pace.h"
#include "storage/compact/row_sieve.h"
#include "storage/part/part.h"

namespace skald::storage {

struct MergeTools {
  FileSystem* files = nullptr;
  std::string directory;  // the engine's
  PageCache* cache = nullptr;
  Catalog* catalog = nullptr;
  Pace* pace = nullptr;
  const StopToken* stop = nullptr;  // ends the search for what a merge leaves out
};

// What was written; nothing of it counts before the edit is applied.
struct MergedParts {
  CatalogEdit edit;  // parts_removed and parts_added
  std::vector<std::shared_ptr<Part>> outputs;
  uint64_t input_bytes = 0;
  uint64_t output_bytes = 0;
  uint64_t blocks_copied = 0;  // as they were stored
};

// Writes one part per UTC day and retention class of the inputs' rows, as far as the sieve lets
// them through: perhaps none at all. Syncs files and directory. The last output alone says what it
// replaces, and gets its name when those of the others are durable: whoever rebuilds a manifest
// from footers then finds either all outputs or all inputs (or both, which reading and merging
// settle as duplicates). On error nothing stays as far as possible; if it came of reading an input,
// that is the `unreadable` one.
StatusOr<MergedParts> RunMerge(const MergeTools& tools, const MergePlan& plan, RowSieve* sieve,
                               std::optional<FileNumber>* unreadable);

}  // namespace skald::storage
