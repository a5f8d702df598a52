#include "storage/compactor.h"

#include <algorithm>
#include <utility>

#include "storage/base/log.h"

namespace skald::storage {

StatusOr<bool> Compactor::MergeOne(bool force) {
  RETURN_IF_ERROR(SettleUndecided());
  const std::optional<MergePlan> plan = Choose(force);
  if (!plan.has_value()) return false;
  RETURN_IF_ERROR(CheckSpace(*plan));
  stats_.Lock()->running = true;
  const Status status = Carry(*plan);
  {
    auto stats = stats_.Lock();
    stats->running = false;
    if (!status.ok() && !absl::IsCancelled(status)) ++stats->failures;
  }
  if (absl::IsDataLoss(status)) {
    SKALD_LOG(kError, "parts cannot be merged and stay as they are", {{"err", Message(status)}});
    for (const auto& input : plan->inputs) damaged_.insert(input->file_number());
    return true;
  }
  RETURN_IF_ERROR(status);
  return true;
}

size_t Compactor::level0_backlog() const {
  size_t most = 0;
  const auto state = engine_->CurrentState();
  for (const auto& [tenant, parts] : state->parts) most = std::max(most, CountLevel0(*parts));
  return most;
}

std::optional<MergePlan> Compactor::Choose(bool force) const {
  const auto state = engine_->CurrentState();
  const MergeConditions conditions{clock_->WallNanos(), force};
  std::optional<MergePlan> best;
  for (const auto& [tenant, parts] : state->parts) {
    auto plan = ChooseMerge(*parts, conditions, [this](const Part& part) {
      return !damaged_.contains(part.file_number());
    });
    if (!plan.has_value()) continue;
    if (!best.has_value() || plan->inputs.size() > best->inputs.size()) best = std::move(plan);
  }
  return best;
}

Status Compactor::CheckSpace(const MergePlan& plan) const {
  uint64_t needed = free_space_reserve_;
  for (const auto& input : plan.inputs) needed += input->file_size();
  ASSIGN_OR_RETURN(const uint64_t free, tools_.files->FreeSpace(tools_.directory));
  if (free >= needed) return absl::OkStatus();
  return Unavailable(StrCat("too little free space to merge parts: ", free, " of ", needed));
}

Status Compactor::Carry(const MergePlan& plan) {
  ASSIGN_OR_RETURN(const MergedParts merged, RunMerge(tools_, plan));
  const Status status = engine_->Exchange(merged.edit, plan.inputs, merged.outputs);
  if (!status.ok()) {
    undecided_.insert(undecided_.end(), merged.paths.begin(), merged.paths.end());
    return Annotate(status, "committing a merge");
  }
  auto stats = stats_.Lock();
  ++stats->merges;
  stats->input_bytes += merged.input_bytes;
  stats->output_bytes += merged.output_bytes;
  return absl::OkStatus();
}

Status Compactor::SettleUndecided() {
  if (undecided_.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(tools_.catalog->Apply(CatalogEdit()));
  for (const std::string& path : undecided_) tools_.files->RemoveFile(path).IgnoreError();
  undecided_.clear();
  return absl::OkStatus();
}

}  // namespace skald::storage
