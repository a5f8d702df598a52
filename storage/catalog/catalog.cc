#include "storage/catalog/catalog.h"

#include <algorithm>

namespace skald::storage {

Status Catalog::Apply(const CatalogEdit& edit) {
  MutexLock lock(&mutex_);
  RETURN_IF_ERROR(manifest_->Apply(edit));
  next_tenant_ = std::max(next_tenant_, manifest_->state().next_tenant);
  next_file_ = std::max(next_file_, manifest_->state().next_file);
  return absl::OkStatus();
}

void Catalog::KeepBallast() {
  MutexLock lock(&mutex_);
  manifest_->KeepBallast();
}

FileNumber Catalog::ReserveFiles(uint64_t count) {
  MutexLock lock(&mutex_);
  return std::exchange(next_file_, next_file_ + count);
}

TenantNumber Catalog::ReserveTenants(uint32_t count) {
  MutexLock lock(&mutex_);
  return std::exchange(next_tenant_, next_tenant_ + count);
}

std::optional<TenantNumber> Catalog::NumberOf(std::string_view tenant) const {
  MutexLock lock(&mutex_);
  for (const auto& [number, id] : manifest_->state().tenants) {
    if (id == tenant) return number;
  }
  return std::nullopt;
}

std::vector<DeleteRequest> Catalog::DeletesOf(std::string_view tenant) const {
  const std::optional<TenantNumber> number = NumberOf(tenant);
  std::vector<DeleteRequest> requests;
  if (!number.has_value()) return requests;
  MutexLock lock(&mutex_);
  const auto& all = manifest_->state().deletes;
  for (auto at = all.lower_bound({*number, {}}); at != all.end(); ++at) {
    if (at->first.tenant != *number) break;
    requests.push_back(at->second);
  }
  return requests;
}

CatalogState Catalog::State() const {
  MutexLock lock(&mutex_);
  return manifest_->state();
}

std::optional<TenantNumber> Catalog::TenantOf(FileNumber part) const {
  MutexLock lock(&mutex_);
  const auto found = manifest_->state().parts.find(part);
  if (found == manifest_->state().parts.end()) return std::nullopt;
  return found->second.tenant;
}

}  // namespace skald::storage
