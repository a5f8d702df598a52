// What the engine has on disk, as readers and background work see it: parts and delete requests.
//
// Apart from the memtables, so that a merge, which looks at one of these for as long as it runs,
// keeps no memory of rows that have been flushed meanwhile.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "storage/base/strings.h"
#include "storage/select/tenant_snapshot.h"

namespace skald::storage {

// Level-0 parts among them.
size_t CountLevel0(std::span<const PartPtr> parts);

// Threads: immutable once shown; shared by pointer.
struct StoredState {
  StringMap<std::shared_ptr<const PartList>> parts;  // by tenant, each in log order
  StringMap<size_t> level0_parts;                    // by tenant, how many of those are of level 0
  StringMap<std::shared_ptr<const DeleteList>> deletes;  // by tenant; none is empty

  // The tenant's parts; never null.
  std::shared_ptr<const PartList> PartsOf(std::string_view tenant) const;
  size_t Level0PartsOf(std::string_view tenant) const;
  // The tenant's delete requests; null: none.
  std::shared_ptr<const DeleteList> DeletesOf(std::string_view tenant) const;

  // Adds parts to their tenants' lists.
  void AddParts(const std::vector<std::shared_ptr<Part>>& added);
  // Takes parts of one tenant out of its list.
  void RemoveParts(const std::vector<PartPtr>& removed);
  // Adds a request to the tenant's, in place of one with the same id.
  void PutDelete(std::string_view tenant, std::shared_ptr<const ActiveDelete> request);
  void RemoveDelete(std::string_view tenant, std::string_view id);
};

}  // namespace skald::storage
