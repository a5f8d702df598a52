#include "storage/compact/delete_sweeper.h"

#include <algorithm>

#include "storage/select/deleted_rows.h"

namespace skald::storage {

DeleteList DeleteSweeper::DueOf(const StoredState& state, std::string_view tenant) const {
  DeleteList due;
  const auto all = state.DeletesOf(tenant);
  if (all == nullptr) return due;
  for (const auto& request : *all) {
    if (book_->IsDue(tenant, *request)) due.push_back(request);
  }
  return due;
}

StatusOr<std::optional<MergePlan>> DeleteSweeper::Next(const StoredState& state,
                                                       absl::FunctionRef<bool(const Part&)> usable,
                                                       PartPtr* unreadable) {
  static const auto* const kNoParts = new PartList();
  for (const auto& [tenant, requests] : state.deletes) {
    const auto found = state.parts.find(tenant);
    const PartList& parts = found == state.parts.end() ? *kNoParts : *found->second;
    for (const auto& request : DueOf(state, tenant)) {
      bool is_done = true;
      for (const PartPtr& part : parts) {
        if (!request->Concerns(part->footer())) continue;
        if (!usable(*part)) {
          is_done = false;
          continue;
        }
        *unreadable = part;
        ASSIGN_OR_RETURN(const bool has_rows, HasRows(part, *request));
        if (has_rows) return MergePlan{{part}, std::max(part->footer().level, 1u)};
      }
      unreadable->reset();
      if (is_done) RETURN_IF_ERROR(book_->MarkProcessed(tenant, *request));
    }
  }
  return std::nullopt;
}

StatusOr<bool> DeleteSweeper::HasRows(const PartPtr& part, const ActiveDelete& request) {
  ASSIGN_OR_RETURN(const auto rows, FindDeletedRows(part, request, cache_, stop_));
  return !rows->empty();
}

}  // namespace skald::storage
