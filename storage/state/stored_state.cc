#include "storage/state/stored_state.h"

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

size_t CountLevel0(std::span<const PartPtr> parts) {
  return static_cast<size_t>(std::count_if(
      parts.begin(), parts.end(), [](const PartPtr& part) { return part->footer().level == 0; }));
}

std::shared_ptr<const PartList> StoredState::PartsOf(std::string_view tenant) const {
  static const auto* const kNoParts = new std::shared_ptr<const PartList>(new PartList());
  const auto found = parts.find(tenant);
  return found == parts.end() ? *kNoParts : found->second;
}

size_t StoredState::Level0PartsOf(std::string_view tenant) const {
  const auto found = level0_parts.find(tenant);
  return found == level0_parts.end() ? 0 : found->second;
}

std::shared_ptr<const DeleteList> StoredState::DeletesOf(std::string_view tenant) const {
  const auto found = deletes.find(tenant);
  return found == deletes.end() ? nullptr : found->second;
}

void StoredState::AddParts(const std::vector<std::shared_ptr<Part>>& added) {
  StringMap<PartList> by_tenant;
  for (const std::shared_ptr<Part>& part : added) by_tenant[part->footer().tenant].push_back(part);
  for (auto& [tenant, list] : by_tenant) {
    std::sort(list.begin(), list.end(), ArrivedBefore);
    auto longer = std::make_shared<PartList>(*PartsOf(tenant));
    const auto before = static_cast<ptrdiff_t>(longer->size());
    longer->insert(longer->end(), list.begin(), list.end());
    std::inplace_merge(longer->begin(), longer->begin() + before, longer->end(), ArrivedBefore);
    level0_parts[tenant] = CountLevel0(*longer);
    parts[tenant] = std::move(longer);
  }
}

void StoredState::RemoveParts(const std::vector<PartPtr>& removed) {
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

void StoredState::PutDelete(std::string_view tenant, std::shared_ptr<const ActiveDelete> request) {
  RemoveDelete(tenant, request->request.id);
  std::shared_ptr<const DeleteList>& list = deletes[tenant];
  auto longer =
      list == nullptr ? std::make_shared<DeleteList>() : std::make_shared<DeleteList>(*list);
  longer->push_back(std::move(request));
  list = std::move(longer);
}

void StoredState::RemoveDelete(std::string_view tenant, std::string_view id) {
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

}  // namespace skald::storage
