#include "storage/state/engine_state.h"

#include <algorithm>
#include <utility>

namespace skald::storage {

std::shared_ptr<const TenantSnapshot> EngineState::SnapshotOf(std::string_view tenant,
                                                              PageCache* cache,
                                                              RetentionCuts cuts) const {
  std::vector<std::shared_ptr<const Memtable>> memtables;
  if (carried != nullptr) memtables.push_back(carried);
  for (const FrozenMemtable& entry : frozen) memtables.push_back(entry.memtable);
  memtables.push_back(active);
  return std::make_shared<TenantSnapshot>(std::string(tenant), stored->PartsOf(tenant),
                                          std::move(memtables), cache, std::move(cuts),
                                          stored->DeletesOf(tenant));
}

std::optional<int64_t> EngineState::NewestTime() const {
  std::optional<int64_t> newest;
  const auto look = [&newest](int64_t time) { newest = std::max(newest.value_or(time), time); };
  for (const auto& [tenant, parts] : stored->parts) {
    for (const PartPtr& part : *parts) look(part->footer().max_time);
  }
  for (const TenantId& tenant : active->Tenants()) {
    const auto& streams = active->Find(tenant)->streams();
    streams.ForEach(streams.size(), [&](const MemStream* stream) { look(stream->max_time()); });
  }
  return newest;
}

void EngineState::ChangeStored(absl::FunctionRef<void(StoredState*)> change) {
  auto changed = std::make_shared<StoredState>(*stored);
  change(changed.get());
  stored = std::move(changed);
}

}  // namespace skald::storage
