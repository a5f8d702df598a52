#include "storage/compact/compactor.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/base/catching.h"
#include "storage/base/log.h"

namespace skald::storage {
namespace {
// Level-0 parts have rested so long after they were first seen.
constexpr int64_t kLevel0RestNanos = int64_t{10} * 60 * 1'000'000'000;

std::vector<MergeBarrier> BarriersOf(const StoredState& state, std::string_view tenant) {
  std::vector<MergeBarrier> barriers;
  const auto requests = state.DeletesOf(tenant);
  if (requests == nullptr) return barriers;
  for (const auto& active : *requests) {
    barriers.push_back({active->request.position, active->request.start, active->request.end});
  }
  return barriers;
}

}  // namespace

Compactor::Compactor(MergeTools tools, Clock* clock, CompactionLimits limits, PartExchange* engine,
                     DeleteSweeper* deletes, std::function<MergeRemoval()> removal)
    : tools_(std::move(tools)),
      pace_(tools_.pace),
      clock_(clock),
      limits_(limits),
      engine_(engine),
      deletes_(deletes),
      removal_(std::move(removal)),
      classes_(tools_.cache) {
  tools_.pace = this;
}

Status Compactor::BetweenBlocks() {
  blocks_read_.fetch_add(1, std::memory_order_relaxed);
  return pace_->BetweenBlocks();
}

CompactionStats Compactor::stats() const {
  CompactionStats stats = *stats_.Lock();
  // A block with rows of two days is read twice.
  stats.blocks_read = std::min(stats.blocks, blocks_read_.load(std::memory_order_relaxed));
  return stats;
}

StatusOr<bool> Compactor::MergeOne(bool force) {
  RETURN_IF_ERROR(undecided_.Settle(tools_.catalog, tools_.files, tools_.directory));
  const MergeRemoval removal = removal_();
  ASSIGN_OR_RETURN(auto plan, ChooseInTurn(removal, force));
  if (!plan.has_value()) {
    RETURN_IF_ERROR(std::exchange(failure_, absl::OkStatus()));
    return false;
  }
  std::optional<FileNumber> unreadable;
  const Status status = Merge(&*plan, removal, &unreadable);
  if (absl::IsCancelled(status)) return status;
  if (status.ok()) return true;
  std::vector<FileNumber> parts;
  for (const auto& input : plan->inputs) parts.push_back(input->file_number());
  if (unreadable.has_value()) parts = {*unreadable};
  LeaveAlone(parts, status);
  return true;
}

StatusOr<std::optional<MergePlan>> Compactor::ChooseInTurn(const MergeRemoval& removal,
                                                           bool force) {
  // Merges and delete requests take turns: until requests are processed they keep parts apart, and
  // every query looks at them.
  const bool deletes_first = std::exchange(deletes_are_next_, false) && removal.is_allowed;
  std::optional<MergePlan> plan;
  if (deletes_first) {
    ASSIGN_OR_RETURN(plan, ChooseForDeletes(*engine_->CurrentState(), removal));
  }
  if (plan.has_value()) return plan;
  const auto state = engine_->CurrentState();
  plan = Choose(*state, removal, force);
  deletes_are_next_ = plan.has_value();
  if (!plan.has_value() && removal.is_allowed && !deletes_first) {
    return ChooseForDeletes(*state, removal);
  }
  return plan;
}

Status Compactor::Merge(MergePlan* plan, const MergeRemoval& removal,
                        std::optional<FileNumber>* unreadable) {
  const std::string& tenant = plan->inputs.front()->footer().tenant;
  const int64_t expired_at =
      removal.is_allowed ? removal.expired_at : std::numeric_limits<int64_t>::min();
  TenantSieve sieve(
      RetentionCuts::Of(removal.policy.get(), tenant, expired_at),
      removal.is_allowed ? deletes_->DueOf(*engine_->CurrentState(), tenant) : DeleteList(),
      tools_.cache, tools_.stop);
  RETURN_IF_ERROR(Fit(plan));
  NoteStart(*plan);
  const Status status = Catching("merging parts", [&] { return Carry(*plan, &sieve, unreadable); });
  auto stats = stats_.Lock();
  stats->running = false;
  stats->blocks = 0;
  if (!status.ok() && !absl::IsCancelled(status)) ++stats->failures;
  return status;
}

size_t Compactor::level0_backlog() const {
  size_t most = 0;
  const auto state = engine_->CurrentState();
  for (const auto& [tenant, parts] : state->level0_parts) most = std::max(most, parts);
  return most;
}

void Compactor::NoteLevel0(const StoredState& state) {
  std::map<FileNumber, int64_t> seen;
  const int64_t now = clock_->MonotonicNanos();
  for (const auto& [tenant, parts] : state.parts) {
    for (const PartPtr& part : *parts) {
      if (part->footer().level != 0) continue;
      const auto before = level0_seen_.find(part->file_number());
      seen.emplace(part->file_number(), before == level0_seen_.end() ? now : before->second);
    }
  }
  level0_seen_ = std::move(seen);
}

std::optional<MergePlan> Compactor::Choose(const StoredState& state, const MergeRemoval& removal,
                                           bool force) {
  classes_.Use(removal.policy);
  NoteLevel0(state);
  std::optional<MergePlan> best;
  for (const auto& [tenant, parts] : state.parts) {
    auto plan = ChooseUnder(state, tenant, removal, force, [&](const MergeConditions& conditions) {
      return ChooseMerge(*parts, conditions);
    });
    if (!plan.has_value()) continue;
    if (!best.has_value() || plan->inputs.size() > best->inputs.size()) best = std::move(plan);
  }
  return best;
}

std::optional<MergePlan> Compactor::ChooseUnder(
    const StoredState& state, std::string_view tenant, const MergeRemoval& removal, bool force,
    absl::FunctionRef<std::optional<MergePlan>(const MergeConditions&)> choose) {
  const int64_t monotonic_now = clock_->MonotonicNanos();
  const auto has_rested = [&](const Part& part) {
    const auto seen = level0_seen_.find(part.file_number());
    return seen != level0_seen_.end() && monotonic_now - seen->second >= kLevel0RestNanos;
  };
  const std::vector<MergeBarrier> barriers = BarriersOf(state, tenant);
  const int64_t now = clock_->WallNanos();
  const RetentionCuts cuts = RetentionCuts::Of(removal.policy.get(), tenant, now);
  return choose({now, force, barriers, limits_.memory, has_rested,
                 [this](const Part& part) { return IsUsable(part); },
                 [&](const Part& part) { return ClassOf(part, cuts); }});
}

std::optional<uint32_t> Compactor::ClassOf(const Part& part, const RetentionCuts& cuts) {
  const auto found = classes_.ClassOf(part, cuts);
  if (found.ok()) return *found;
  SKALD_LOG(kError, "the streams of a part cannot be read",
            {{"part", part.file_number()}, {"err", Message(found.status())}});
  // A disk that fails to read may do better the next time; then the merge itself will tell.
  if (absl::IsDataLoss(found.status())) damaged_.insert(part.file_number());
  return part.footer().retention_class;
}

StatusOr<std::optional<MergePlan>> Compactor::ChooseForDeletes(const StoredState& state,
                                                               const MergeRemoval& removal) {
  while (true) {
    PartPtr unreadable;
    auto plan = Catching("processing delete requests", [&] {
      return deletes_->Next(
          state, [this](const Part& part) { return IsUsable(part); }, &unreadable);
    });
    if (plan.ok() && plan->has_value()) return WithNeighbours(state, removal, **std::move(plan));
    if (plan.ok() || unreadable == nullptr || absl::IsCancelled(plan.status())) return plan;
    LeaveAlone({unreadable->file_number()},
               Annotate(plan.status(), "searching a part for deleted rows"));
  }
}

MergePlan Compactor::WithNeighbours(const StoredState& state, const MergeRemoval& removal,
                                    MergePlan plan) {
  const Part& part = *plan.inputs.front();
  const auto parts = state.parts.find(part.footer().tenant);
  if (part.footer().level != 0 || parts == state.parts.end()) return plan;
  const auto around =
      ChooseUnder(state, parts->first, removal, false, [&](const MergeConditions& conditions) {
        return MergeAround(*parts->second, part, conditions);
      });
  if (!around->inputs.empty()) return *around;
  return plan;
}

Status Compactor::Fit(MergePlan* plan) const {
  const uint64_t reserve = limits_.free_space_reserve;
  ASSIGN_OR_RETURN(const uint64_t free, tools_.files->FreeSpace(tools_.directory));
  ShortenPlan(plan, limits_.memory, free - std::min(free, reserve));
  uint64_t needed = reserve;
  for (const auto& input : plan->inputs) needed += input->file_size();
  if (free >= needed) return absl::OkStatus();
  return Unavailable(StrCat("too little free space to merge parts: ", free, " of ", needed));
}

void Compactor::NoteStart(const MergePlan& plan) {
  uint64_t blocks = 0;
  for (const auto& input : plan.inputs) {
    const auto directory = input->Directory();
    if (directory.ok()) blocks += (*directory)->size();
  }
  blocks_read_.store(0, std::memory_order_relaxed);
  auto stats = stats_.Lock();
  stats->running = true;
  stats->blocks = blocks;
}

bool Compactor::IsUsable(const Part& part) const {
  return !damaged_.contains(part.file_number()) &&
         !backoff_.IsWaiting(part.file_number(), clock_->MonotonicNanos());
}

void Compactor::RetryFailed() {
  backoff_.Clear();
  failure_ = absl::OkStatus();
}

void Compactor::LeaveAlone(const std::vector<FileNumber>& parts, const Status& failure) {
  if (absl::IsDataLoss(failure)) {
    SKALD_LOG(kError, "a damaged part stays as it is", {{"err", Message(failure)}});
    damaged_.insert(parts.begin(), parts.end());
    return;
  }
  SKALD_LOG(kWarn, "a merge failed and will be tried again later",
            {{"first_part", parts.front()}, {"parts", parts.size()}, {"err", Message(failure)}});
  failure_.Update(failure);
  for (const FileNumber part : parts) backoff_.NoteFailure(part, clock_->MonotonicNanos());
}

Status Compactor::Carry(const MergePlan& plan, RowSieve* sieve,
                        std::optional<FileNumber>* unreadable) {
  ASSIGN_OR_RETURN(const MergedParts merged, RunMerge(tools_, plan, sieve, unreadable));
  const Status status = Catching("exchanging parts", [&] {
    return engine_->Exchange(merged.edit, plan.inputs, merged.outputs);
  });
  if (!status.ok()) {
    undecided_.Add(merged.edit.parts_added);
    return Annotate(status, "committing a merge");
  }
  auto stats = stats_.Lock();
  ++stats->merges;
  stats->input_bytes += merged.input_bytes;
  stats->output_bytes += merged.output_bytes;
  stats->blocks_copied += merged.blocks_copied;
  return absl::OkStatus();
}

}  // namespace skald::storage
