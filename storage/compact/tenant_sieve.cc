#include "storage/compact/tenant_sieve.h"

namespace skald::storage {

StatusOr<std::vector<uint32_t>> TenantSieve::DroppedRows(const std::shared_ptr<const Part>& part,
                                                         size_t block) {
  std::unique_ptr<HiddenRows>& deleted = deleted_[part.get()];
  if (deleted == nullptr) {
    auto found = std::make_unique<HiddenRows>(part);
    for (const auto& request : due_) {
      if (!request->Concerns(part->footer())) continue;
      ASSIGN_OR_RETURN(auto rows, FindDeletedRows(part, *request, cache_, stop_));
      found->Add(std::move(rows));
    }
    deleted = std::move(found);
  }
  std::vector<uint32_t> rows;
  deleted->AddHidden(block, &rows);
  return rows;
}

}  // namespace skald::storage
