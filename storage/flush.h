// Writes a frozen memtable as parts, one per tenant.
#pragma once

#include <string>
#include <vector>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/cache/page_cache.h"
#include "storage/catalog/catalog_state.h"
#include "storage/memtable/memtable.h"
#include "storage/part/part.h"

namespace skald::storage {

// What was written; nothing of it is visible before the edit is applied.
struct FlushedParts {
  CatalogEdit edit;  // tenants_added and parts_added
  std::vector<std::shared_ptr<Part>> parts;
};

// Writes the rows of `memtable`, syncs every file and directory. Numbers for new tenants and files
// come from `state`. On error the files written so far are removed as far as possible.
// REQUIRES: nothing inserts into the memtable any more.
StatusOr<FlushedParts> FlushMemtable(FileSystem* files, const std::string& directory,
                                     const Memtable& memtable, const CatalogState& state,
                                     PageCache* cache);

}  // namespace skald::storage
