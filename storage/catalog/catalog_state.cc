#include "storage/catalog/catalog_state.h"

#include <algorithm>
#include <set>

#include "storage/base/strings.h"

namespace skald::storage {
namespace {

Status Contradiction(std::string_view what, std::string_view name) {
  return absl::FailedPreconditionError(
      StrCat("the catalog edit contradicts the catalog: ", what, ": ", name));
}

Status CheckTenants(const CatalogState& state, const CatalogEdit& edit,
                    std::set<TenantNumber>* added) {
  if (edit.tenants_added.empty()) return absl::OkStatus();
  std::set<TenantId> ids;
  for (const auto& [number, id] : state.tenants) ids.insert(id);
  for (const auto& [number, id] : edit.tenants_added) {
    const bool free =
        number != 0 && !state.tenants.contains(number) && added->insert(number).second;
    if (!free) return Contradiction("tenant number taken", StrCat(number));
    if (!ids.insert(id).second) return Contradiction("tenant known already", id);
  }
  return absl::OkStatus();
}

Status CheckParts(const CatalogState& state, const CatalogEdit& edit,
                  const std::set<TenantNumber>& new_tenants) {
  std::set<FileNumber> removed;
  for (const FileNumber file : edit.parts_removed) {
    const bool there = state.parts.contains(file) && removed.insert(file).second;
    if (!there) return Contradiction("no such part", StrCat(file));
  }
  std::set<FileNumber> added;
  for (const PartInfo& part : edit.parts_added) {
    const bool free =
        part.file != 0 && !state.parts.contains(part.file) && added.insert(part.file).second;
    if (!free) return Contradiction("part number taken", StrCat(part.file));
    if (!state.tenants.contains(part.tenant) && !new_tenants.contains(part.tenant)) {
      return Contradiction("no such tenant", StrCat(part.tenant));
    }
  }
  return absl::OkStatus();
}

Status CheckDeletes(const CatalogState& state, const CatalogEdit& edit) {
  const bool touched = !edit.deletes_added.empty() || !edit.deletes_removed.empty() ||
                       !edit.deletes_processed.empty();
  if (!touched) return absl::OkStatus();
  std::set<DeleteKey> known;
  for (const auto& [key, request] : state.deletes) known.insert(key);
  for (const DeleteRequest& request : edit.deletes_added) {
    if (!known.insert({request.tenant, request.id}).second) {
      return Contradiction("delete request known already", request.id);
    }
  }
  for (const DeleteKey& key : edit.deletes_removed) {
    if (known.erase(key) == 0) return Contradiction("no such delete request", key.id);
  }
  for (const auto& [key, processed_at] : edit.deletes_processed) {
    if (!known.contains(key)) return Contradiction("no such delete request", key.id);
  }
  return absl::OkStatus();
}

}  // namespace

Status CatalogState::Check(const CatalogEdit& edit) const {
  std::set<TenantNumber> new_tenants;
  RETURN_IF_ERROR(CheckTenants(*this, edit, &new_tenants));
  RETURN_IF_ERROR(CheckParts(*this, edit, new_tenants));
  RETURN_IF_ERROR(CheckDeletes(*this, edit));
  if (edit.flushed.has_value() && *edit.flushed < flushed) {
    return Contradiction("the flushed position goes back", StrCat(edit.flushed->segment));
  }
  return absl::OkStatus();
}

Status CatalogState::Apply(const CatalogEdit& edit) {
  RETURN_IF_ERROR(Check(edit));
  for (const auto& [number, id] : edit.tenants_added) {
    tenants.emplace(number, id);
    next_tenant = std::max(next_tenant, number + 1);
  }
  for (const FileNumber file : edit.parts_removed) parts.erase(file);
  for (const PartInfo& part : edit.parts_added) {
    parts.emplace(part.file, part);
    next_file = std::max(next_file, part.file + 1);
  }
  if (edit.flushed.has_value()) flushed = *edit.flushed;
  for (const DeleteRequest& request : edit.deletes_added) {
    deletes.emplace(DeleteKey{request.tenant, request.id}, request);
  }
  for (const DeleteKey& key : edit.deletes_removed) deletes.erase(key);
  for (const auto& [key, processed_at] : edit.deletes_processed) {
    deletes.at(key).processed_at = processed_at;
  }
  for (const auto& [key, value] : edit.settings) {
    if (value.empty()) {
      settings.erase(key);
    } else {
      settings[key] = value;
    }
  }
  if (edit.needs_rebuild.has_value()) needs_rebuild = *edit.needs_rebuild;
  next_tenant = std::max(next_tenant, edit.min_next_tenant);
  next_file = std::max(next_file, edit.min_next_file);
  return absl::OkStatus();
}

CatalogEdit CatalogState::AsEdit() const {
  CatalogEdit edit;
  edit.tenants_added.assign(tenants.begin(), tenants.end());
  for (const auto& [file, part] : parts) edit.parts_added.push_back(part);
  edit.flushed = flushed;
  for (const auto& [key, request] : deletes) edit.deletes_added.push_back(request);
  edit.settings.assign(settings.begin(), settings.end());
  if (needs_rebuild) edit.needs_rebuild = true;
  edit.min_next_tenant = next_tenant;
  edit.min_next_file = next_file;
  return edit;
}

}  // namespace skald::storage
