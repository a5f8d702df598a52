// What the engine shows to readers: one immutable object, replaced in one step by freeze and flush.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "storage/base/strings.h"
#include "storage/memtable/memtable.h"
#include "storage/tenant_snapshot.h"

namespace skald::storage {

// A memtable that takes no more rows, on its way to parts.
struct FrozenMemtable {
  std::shared_ptr<const Memtable> memtable;
  // Every record whose rows are in it, or were before it, lies in a segment below this.
  uint64_t log_boundary = 0;
};

// Threads: immutable; shared by pointer.
struct EngineState {
  std::shared_ptr<Memtable> active;                  // only the append lock's holder writes to it
  std::vector<FrozenMemtable> frozen;                // oldest first
  std::shared_ptr<const Memtable> carried;           // rows before those (relog.h); may be null
  StringMap<std::shared_ptr<const PartList>> parts;  // by tenant, each in log order
  StringMap<size_t> level0_parts;                    // by tenant, how many of those are of level 0
  StringMap<std::shared_ptr<const DeleteList>> deletes;  // by tenant; none is empty

  // The tenant's view of this state, its streams cut for retention.
  std::shared_ptr<const TenantSnapshot> SnapshotOf(std::string_view tenant, PageCache* cache,
                                                   RetentionCuts cuts) const;
  // The tenant's delete requests; null: none.
  std::shared_ptr<const DeleteList> DeletesOf(std::string_view tenant) const;
  // Adds a request to the tenant's, in place of one with the same id.
  void PutDelete(std::string_view tenant, std::shared_ptr<const ActiveDelete> request);
  void RemoveDelete(std::string_view tenant, std::string_view id);

  // Adds parts to their tenants' lists.
  void AddParts(const std::vector<std::shared_ptr<Part>>& added);
  // Takes parts of one tenant out of its list.
  void RemoveParts(const std::vector<PartPtr>& removed);
  size_t Level0PartsOf(std::string_view tenant) const;
};

}  // namespace skald::storage
