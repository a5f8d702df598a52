#include "storage/engine_state.h"

#include <utility>

namespace skald::storage {

std::shared_ptr<const TenantSnapshot> EngineState::SnapshotOf(std::string_view tenant,
                                                              PageCache* cache) const {
  static const auto* const kNoParts = new std::shared_ptr<const PartList>(new PartList());
  const auto found = parts.find(tenant);
  std::vector<std::shared_ptr<const Memtable>> memtables;
  for (const FrozenMemtable& entry : frozen) memtables.push_back(entry.memtable);
  memtables.push_back(active);
  return std::make_shared<TenantSnapshot>(std::string(tenant),
                                          found == parts.end() ? *kNoParts : found->second,
                                          std::move(memtables), cache);
}

void EngineState::AddParts(const std::vector<std::shared_ptr<Part>>& added) {
  for (const std::shared_ptr<Part>& part : added) {
    std::shared_ptr<const PartList>& list = parts[part->footer().tenant];
    auto longer =
        list == nullptr ? std::make_shared<PartList>() : std::make_shared<PartList>(*list);
    longer->push_back(part);
    list = std::move(longer);
  }
}

}  // namespace skald::storage
