// What the engine shows to readers: one immutable object, replaced in one step by freeze, flush,
// compaction and delete requests.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "storage/memtable/memtable.h"
#include "storage/select/tenant_snapshot.h"
#include "storage/state/stored_state.h"

namespace skald::storage {

// A memtable that takes no more rows, on its way to parts.
struct FrozenMemtable {
  std::shared_ptr<const Memtable> memtable;
  // Every record whose rows are in it, or were before it, lies in a segment below this.
  uint64_t log_boundary = 0;
};

// Threads: immutable; shared by pointer.
struct EngineState {
  std::shared_ptr<Memtable> active;         // only the append lock's holder writes to it
  std::vector<FrozenMemtable> frozen;       // oldest first
  std::shared_ptr<const Memtable> carried;  // rows before those (relog.h); may be null
  std::shared_ptr<const StoredState> stored = std::make_shared<const StoredState>();

  // The tenant's view of this state, its streams cut for retention.
  std::shared_ptr<const TenantSnapshot> SnapshotOf(std::string_view tenant, PageCache* cache,
                                                   RetentionCuts cuts) const;
  // The time of the newest row of parts and the active memtable.
  std::optional<int64_t> NewestTime() const;
  // Puts a changed copy in the place of `stored`.
  void ChangeStored(absl::FunctionRef<void(StoredState*)> change);
};

}  // namespace skald::storage
