#include "storage/engine_state.h"

#include <algorithm>
#include <utility>

namespace skald::storage {
namespace {

// Order of arrival. Parts with equal beginnings came of one merge and hold different days.
bool ArrivedBefore(const PartPtr& a, const PartPtr& b) {
  return std::make_pair(a->footer().log_first, a->file_number()) <
         std::make_pair(b->footer().log_first, b->file_number());
}

}  // namespace

std::shared_ptr<const TenantSnapshot> EngineState::SnapshotOf(std::string_view tenant,
                                                              PageCache* cache,
                                                              RetentionCuts cuts) const {
  static const auto* const kNoParts = new std::shared_ptr<const PartList>(new PartList());
  const auto found = parts.find(tenant);
  std::vector<std::shared_ptr<const Memtable>> memtables;
  for (const FrozenMemtable& entry : frozen) memtables.push_back(entry.memtable);
  memtables.push_back(active);
  return std::make_shared<TenantSnapshot>(std::string(tenant),
                                          found == parts.end() ? *kNoParts : found->second,
                                          std::move(memtables), cache, std::move(cuts));
}

void EngineState::AddParts(const std::vector<std::shared_ptr<Part>>& added) {
  for (const std::shared_ptr<Part>& part : added) {
    std::shared_ptr<const PartList>& list = parts[part->footer().tenant];
    auto longer =
        list == nullptr ? std::make_shared<PartList>() : std::make_shared<PartList>(*list);
    longer->insert(std::upper_bound(longer->begin(), longer->end(), PartPtr(part), ArrivedBefore),
                   part);
    list = std::move(longer);
  }
}

void EngineState::RemoveParts(const std::vector<PartPtr>& removed) {
  if (removed.empty()) return;
  const auto list = parts.find(removed.front()->footer().tenant);
  if (list == parts.end()) return;
  auto shorter = std::make_shared<PartList>(*list->second);
  std::erase_if(*shorter, [&](const PartPtr& part) {
    return std::find(removed.begin(), removed.end(), part) != removed.end();
  });
  list->second = std::move(shorter);
}

}  // namespace skald::storage
