// Writes tenants of frozen memtables as parts, one per tenant.
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

struct FlushInput {
  std::vector<const Memtable*> memtables;  // in order of arrival
  std::vector<TenantId> tenants;           // each has rows in one of them

  // All tenants of a memtable.
  static FlushInput All(const Memtable& memtable) { return {{&memtable}, memtable.Tenants()}; }
};

// Writes the tenants' rows, syncs every file and directory. Numbers for new tenants and files come
// from `state`. On error the files written so far are removed as far as possible.
// REQUIRES: nothing inserts into the memtables any more.
StatusOr<FlushedParts> FlushToParts(FileSystem* files, const std::string& directory,
                                    const FlushInput& input, const CatalogState& state,
                                    PageCache* cache);

}  // namespace skald::storage
