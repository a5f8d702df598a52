#include "storage/retention/retention_sweeper.h"

#include <algorithm>
#include <utility>

#include "storage/base/log.h"

namespace skald::storage {

RetentionSweeper::RetentionSweeper(Clock* clock, int64_t delete_delay_nanos, PartExchange* engine)
    : clock_(clock),
      delete_delay_(delete_delay_nanos),
      engine_(engine),
      trust_(clock, engine->NewestTime()) {}

Status RetentionSweeper::Sweep(const RetentionPolicy* policy) {
  const Status status = SweepAll(policy);
  ++sweeps_;
  return status;
}

Status RetentionSweeper::SweepAll(const RetentionPolicy* policy) {
  const char* const distrust = trust_.Distrust();
  if (distrust != nullptr) {
    if (!suspended_.exchange(true)) {
      SKALD_LOG(kError, "expired data is not removed for now", {{"reason", distrust}});
    }
    expired_.clear();
    return absl::OkStatus();
  }
  suspended_.store(false);
  const auto state = engine_->CurrentState();
  const int64_t now = clock_->WallNanos();
  std::map<FileNumber, int64_t> expired;
  Status result;
  for (const auto& [tenant, parts] : state->parts) {
    result.Update(SweepTenant(*parts, RetentionCuts::Of(policy, tenant, now), &expired));
  }
  expired_ = std::move(expired);
  return result;
}

StatusOr<ExpiredParts> RetentionSweeper::FindExpired(const RetentionPolicy* policy) const {
  const auto state = engine_->CurrentState();
  const int64_t now = clock_->WallNanos();
  ExpiredParts found;
  for (const auto& [tenant, parts] : state->parts) {
    const RetentionCuts cuts = RetentionCuts::Of(policy, tenant, now);
    for (const PartPtr& part : *parts) {
      ASSIGN_OR_RETURN(const bool expired, IsExpired(*part, cuts));
      if (!expired) continue;
      ++found.parts;
      found.bytes += part->file_size();
      found.rows += part->footer().rows;
      found.oldest = std::min(found.oldest, part->footer().min_time);
      found.newest = std::max(found.newest, part->footer().max_time);
    }
  }
  return found;
}

StatusOr<bool> RetentionSweeper::IsExpired(const Part& part, const RetentionCuts& cuts) {
  if (part.footer().max_time >= cuts.latest_cut()) return false;
  ASSIGN_OR_RETURN(const OrdinalSet shown, MatchingStreams(part, {}, TimeRange(), cuts));
  return shown.isEmpty();
}

Status RetentionSweeper::SweepTenant(const PartList& parts, const RetentionCuts& cuts,
                                     std::map<FileNumber, int64_t>* expired) {
  const int64_t now = clock_->MonotonicNanos();
  CatalogEdit edit;
  std::vector<PartPtr> removed;
  for (const PartPtr& part : parts) {
    const StatusOr<bool> is_expired = IsExpired(*part, cuts);
    if (!is_expired.ok()) {
      SKALD_LOG(kWarn, "whether a part is expired cannot be read",
                {{"part", part->file_number()}, {"err", Message(is_expired.status())}});
      continue;
    }
    if (!*is_expired) continue;
    const auto known = expired_.find(part->file_number());
    const int64_t since = known == expired_.end() ? now : known->second;
    expired->emplace(part->file_number(), since);
    if (now - since < delete_delay_) continue;
    edit.parts_removed.push_back(part->file_number());
    removed.push_back(part);
  }
  if (removed.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(Annotate(engine_->Exchange(edit, removed, {}), "removing expired parts"));
  SKALD_LOG(kInfo, "expired parts removed",
            {{"tenant", removed.front()->footer().tenant}, {"parts", removed.size()}});
  parts_removed_ += removed.size();
  return absl::OkStatus();
}

}  // namespace skald::storage
