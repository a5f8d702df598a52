#include "storage/state/late_snapshot.h"

#include <utility>

namespace skald::storage {

bool LateMoment::is_fixed() const {
  MutexLock lock(&mutex_);
  return state_ != nullptr;
}

StatusOr<std::shared_ptr<const EngineState>> LateMoment::Fix(const StopToken* stop) {
  {
    MutexLock lock(&mutex_);
    if (state_ != nullptr) return state_;
  }
  ASSIGN_OR_RETURN(auto state, source_(stop));
  MutexLock lock(&mutex_);
  if (state_ == nullptr) state_ = std::move(state);
  return state_;
}

LateSnapshot::LateSnapshot(std::string tenant, std::shared_ptr<LateMoment> moment, PageCache* cache,
                           RetentionCuts cuts, std::shared_ptr<const StoredState> stored)
    : tenant_(std::move(tenant)),
      moment_(std::move(moment)),
      cache_(cache),
      cuts_(std::move(cuts)),
      stored_(std::move(stored)) {}

StatusOr<std::shared_ptr<const TenantSnapshot>> LateSnapshot::Fixed(const StopToken* stop) const {
  ASSIGN_OR_RETURN(const auto state, moment_->Fix(stop));
  return state->SnapshotOf(tenant_, cache_, cuts_);
}

Status LateSnapshot::FindCopies(std::span<const Matcher> matchers, TimeRange range,
                                const StopToken* stop, MemoryBudget* memory) const {
  const auto parts = std::make_shared<TenantSnapshot>(
      tenant_, stored_->PartsOf(tenant_), std::vector<std::shared_ptr<const Memtable>>(), cache_,
      cuts_, stored_->DeletesOf(tenant_));
  return parts->Select(matchers, range, stop, memory).status();
}

StatusOr<std::unique_ptr<Selection>> LateSnapshot::Select(std::span<const Matcher> matchers,
                                                          TimeRange range, const StopToken* stop,
                                                          MemoryBudget* memory) const {
  if (!moment_->is_fixed()) RETURN_IF_ERROR(FindCopies(matchers, range, stop, memory));
  ASSIGN_OR_RETURN(const auto snapshot, Fixed(stop));
  return snapshot->Select(matchers, range, stop, memory);
}

StatusOr<std::vector<StreamPtr>> LateSnapshot::Streams(std::span<const Matcher> matchers,
                                                       TimeRange range, const StopToken* stop,
                                                       MemoryCharge* charge) const {
  ASSIGN_OR_RETURN(const auto snapshot, Fixed(stop));
  return snapshot->Streams(matchers, range, stop, charge);
}

StatusOr<std::vector<std::string>> LateSnapshot::LabelNames(std::span<const Matcher> matchers,
                                                            TimeRange range, const StopToken* stop,
                                                            MemoryCharge* charge) const {
  ASSIGN_OR_RETURN(const auto snapshot, Fixed(stop));
  return snapshot->LabelNames(matchers, range, stop, charge);
}

StatusOr<std::vector<std::string>> LateSnapshot::LabelValues(std::string_view name,
                                                             std::span<const Matcher> matchers,
                                                             TimeRange range, const StopToken* stop,
                                                             MemoryCharge* charge) const {
  ASSIGN_OR_RETURN(const auto snapshot, Fixed(stop));
  return snapshot->LabelValues(name, matchers, range, stop, charge);
}

}  // namespace skald::storage
