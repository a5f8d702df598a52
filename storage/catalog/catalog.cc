#include "storage/catalog/catalog.h"

#include <algorithm>

namespace skald::storage {

Status Catalog::Apply(const CatalogEdit& edit) {
  MutexLock lock(&mutex_);
  RETURN_IF_ERROR(manifest_->Apply(edit));
  next_file_ = std::max(next_file_, manifest_->state().next_file);
  return absl::OkStatus();
}

FileNumber Catalog::ReserveFiles(uint64_t count) {
  MutexLock lock(&mutex_);
  return std::exchange(next_file_, next_file_ + count);
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
