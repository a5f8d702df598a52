// The manifest as the threads that write parts share it, and the numbers of the files they write.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/mutex.h"
#include "storage/base/status.h"
#include "storage/catalog/catalog_state.h"
#include "storage/catalog/manifest.h"

namespace skald::storage {

// Threads: thread-safe. The lock is held while an edit is synced: only those who commit parts take
// it, one after the other.
class Catalog {
 public:
  explicit Catalog(std::unique_ptr<Manifest> manifest)
      : manifest_(std::move(manifest)),
        next_tenant_(manifest_->state().next_tenant),
        next_file_(manifest_->state().next_file) {}

  // As Manifest::Apply.
  Status Apply(const CatalogEdit& edit);

  // As Manifest::KeepBallast.
  void KeepBallast();

  // Takes `count` consecutive numbers for new files, or tenants; returns the first.
  FileNumber ReserveFiles(uint64_t count);
  TenantNumber ReserveTenants(uint32_t count);

  // The state as it is now.
  CatalogState State() const;
  // The number of a tenant; nullopt when the manifest does not name it.
  std::optional<TenantNumber> NumberOf(std::string_view tenant) const;
  // The tenant's delete requests, by id.
  std::vector<DeleteRequest> DeletesOf(std::string_view tenant) const;
  // The tenant whose directory holds a part; nullopt when the manifest does not name it.
  std::optional<TenantNumber> TenantOf(FileNumber part) const;

 private:
  mutable Mutex mutex_;
  const std::unique_ptr<Manifest> manifest_ SKALD_GUARDED_BY(mutex_);
  TenantNumber next_tenant_ SKALD_GUARDED_BY(mutex_);
  FileNumber next_file_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::storage
