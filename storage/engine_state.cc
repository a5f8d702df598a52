#include "storage/engine_state.h"

#include <algorithm>
#include <utility>

#include "storage/compact/merge_plan.h"

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
  if (carried != nullptr) memtables.push_back(carried);
  for (const FrozenMemtable& entry : frozen) memtables.push_back(entry.memtable);
  memtables.push_back(active);
  return std::make_shared<TenantSnapshot>(
      std::string(tenant), found == parts.end() ? *kNoParts : found->second, std::move(memtables),
      cache, std::move(cuts), DeletesOf(tenant));
}

std::shared_ptr<const DeleteList> EngineState::DeletesOf(std::string_view tenant) const {
  const auto found = deletes.find(tenant);
  return found == deletes.end() ? nullptr : found->second;
}

void EngineState::PutDelete(std::string_view tenant, std::shared_ptr<const ActiveDelete> request) {
  RemoveDelete(tenant, request->request.id);
  std::shared_ptr<const DeleteList>& list = deletes[tenant];
  auto longer =
      list == nullptr ? std::make_shared<DeleteList>() : std::make_shared<DeleteList>(*list);
  longer->push_back(std::move(request));
  list = std::move(longer);
}

void EngineState::RemoveDelete(std::string_view tenant, std::string_view id) {
  const auto list = deletes.find(tenant);
  if (list == deletes.end()) return;
  auto shorter = std::make_shared<DeleteList>(*list->second);
  std::erase_if(*shorter, [&](const auto& request) { return request->request.id == id; });
  if (shorter->empty()) {
    deletes.erase(list);
  } else {
    list->second = std::move(shorter);
  }
}

void EngineState::AddParts(const std::vector<std::shared_ptr<Part>>& added) {
  for (const std::shared_ptr<Part>& part : added) {
    std::shared_ptr<const PartList>& list = parts[part->footer().tenant];
    auto longer =
        list == nullptr ? std::make_shared<PartList>() : std::make_shared<PartList>(*list);
    longer->insert(std::upper_bound(longer->begin(), longer->end(), PartPtr(part), ArrivedBefore),
                   part);
    list = std::move(longer);
    level0_parts[part->footer().tenant] = CountLevel0(*list);
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
  level0_parts[list->first] = CountLevel0(*list->second);
}

size_t EngineState::Level0PartsOf(std::string_view tenant) const {
  const auto found = level0_parts.find(tenant);
  return found == level0_parts.end() ? 0 : found->second;
}

}  // namespace skald::storage
