#include "storage/catalog/undecided_parts.h"

#include "storage/catalog/part_files.h"

namespace skald::storage {

void UndecidedParts::Add(const std::vector<PartInfo>& parts) {
  parts_.insert(parts_.end(), parts.begin(), parts.end());
}

Status UndecidedParts::Settle(Catalog* catalog, FileSystem* files, const std::string& directory) {
  if (parts_.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(catalog->Apply(CatalogEdit()));
  for (const PartInfo& part : parts_) {
    if (catalog->TenantOf(part.file).has_value()) continue;
    files->RemoveFile(PartPath(directory, part.tenant, part.file)).IgnoreError();
  }
  parts_.clear();
  return absl::OkStatus();
}

}  // namespace skald::storage
