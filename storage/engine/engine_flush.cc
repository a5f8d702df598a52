// The flusher's side of the storage engine: when memtables are frozen, and how they become parts.
#include <algorithm>
#include <future>
#include <thread>
#include <utility>

#include "storage/base/catching.h"
#include "storage/base/log.h"
#include "storage/catalog/part_files.h"
#include "storage/engine/flush.h"
#include "storage/engine/freeze_policy.h"
#include "storage/engine/relog.h"
#include "storage/engine/storage_engine.h"

namespace skald::storage {
namespace {

constexpr auto kFlusherPeriod = std::chrono::seconds(1);
constexpr auto kMemoryWait = std::chrono::milliseconds(100);
// Frozen memtables beyond which none is frozen for somebody who asks for it.
constexpr size_t kMaxWaitingFlushes = 8;

// Everything in segments below `boundary`.
LogPosition EndOfSegmentsBelow(uint64_t boundary) {
  return {boundary - 1, std::numeric_limits<uint64_t>::max()};
}

}  // namespace

void StorageEngine::RunFlusher() {
  while (true) {
    bool work = false;
    {
      MutexLock lock(&state_mutex_);
      if (state_->frozen.empty() && !freeze_requested_ && !stopping_ && !IsFull(*state_)) {
        state_changed_.WaitFor(&state_mutex_, kFlusherPeriod);
      }
      work = !state_->frozen.empty();
      if (!work && stopping_) return;
    }
    const Status status = Catching("flushing", [&] {
      memtables_.Trim();
      return work ? FlushOldest() : FreezeIfDue();
    });
    if (status.ok() && !work) continue;
    if (!status.ok()) {
      Try([&] {
        SKALD_LOG(kError, "flushing failed, will be tried again", {{"err", Message(status)}});
      });
    }
    MutexLock lock(&state_mutex_);
    if (work) {
      last_flush_error_ = status;
      ++(status.ok() ? flushed_count_ : flush_failures_);
    } else {
      freeze_requested_ = true;
    }
    state_changed_.NotifyAll();
    if (status.ok()) continue;
    if (stopping_) return;
    state_changed_.WaitFor(&state_mutex_, kFlusherPeriod);
  }
}

Status StorageEngine::FreezeIfDue() {
  if (!FreezeIsDue()) return absl::OkStatus();
  MutexLock lock(&append_mutex_);
  if (HoldsRows()) Freeze(FreezeFor::kLargeTenants);
  return absl::OkStatus();
}

bool StorageEngine::FreezeIsDue() {
  MutexLock lock(&state_mutex_);
  if (std::exchange(freeze_requested_, false) || IsFull(*state_)) return true;
  const int64_t now = options_.clock->MonotonicNanos();
  if (state_->carried != nullptr &&
      now - state_->carried->created_monotonic_nanos() >= options_.relog_age_nanos) {
    return true;
  }
  const Memtable& active = *state_->active;
  return !active.empty() &&
         FreezePolicy(options_.memtable_bytes, options_.memtable_age_nanos)
             .IsDue({.bytes = active.bytes(),
                     .age = now - active.created_monotonic_nanos(),
                     .idle = now - appended_at_.load(std::memory_order_relaxed)});
}

StatusOr<std::vector<std::shared_ptr<Part>>> StorageEngine::Commit(const FlushInput& input,
                                                                   uint64_t memtable,
                                                                   LogPosition flushed) {
  RETURN_IF_ERROR(Annotate(undecided_.Settle(catalog_.get(), options_.files, options_.directory),
                           "settling a flush"));
  if (reserved_for_ != memtable || reserved_count_ < input.tenants.size()) {
    reserved_count_ = static_cast<uint32_t>(input.tenants.size());
    reserved_files_ = catalog_->ReserveFiles(reserved_count_);
    reserved_tenants_ = catalog_->ReserveTenants(reserved_count_);
    reserved_for_ = memtable;
  }
  CatalogState numbers = catalog_->State();
  numbers.next_file = reserved_files_;
  numbers.next_tenant = reserved_tenants_;
  ASSIGN_OR_RETURN(FlushedParts written,
                   FlushToParts(options_.files, options_.directory, input, numbers, &cache_));
  // A memtable that was replayed may begin in the segment where the one before it ended.
  written.edit.flushed = std::max(flushed, numbers.flushed);
  if (const Status status = catalog_->Apply(written.edit); !status.ok()) {
    undecided_.Add(written.edit.parts_added);
    return Annotate(status, "committing a flush");
  }
  return std::move(written.parts);
}

bool StorageEngine::AllTenantsAreDue() const {
  MutexLock lock(&state_mutex_);
  return flushed_count_ < flush_all_through_;
}

CarryLimits StorageEngine::LimitsForOldest() const {
  if (AllTenantsAreDue()) return CarryLimits();
  return {options_.relog_tenant_bytes, options_.memtable_bytes / 2, options_.relog_age_nanos};
}

Status StorageEngine::WaitUntilDurable(LogPosition position) {
  std::promise<Status> outcome;
  log_->WhenDurable(position, [&outcome](Status status) { outcome.set_value(std::move(status)); });
  return outcome.get_future().get();
}

StatusOr<std::shared_ptr<const Memtable>> StorageEngine::CarryOn(
    const std::vector<const Memtable*>& memtables, const std::vector<TenantId>& tenants) {
  if (tenants.empty()) return nullptr;
  const std::shared_ptr<Memtable> carried =
      memtables_.NewMemtable(memtables.back()->number(), OldestSince(memtables, tenants));
  std::vector<LogPosition> last_copies;  // one of each segment: each can fail by itself
  RETURN_IF_ERROR(CarryTenants(
      memtables, tenants, options_.clock->WallNanos(),
      [&](std::string_view payload) -> Status {
        MutexLock lock(&append_mutex_);
        // A copy logged behind a freeze for all tenants would outlive the flush that settles them,
        // and be replayed beside, say, a delete request that came between.
        if (AllTenantsAreDue()) return absl::CancelledError("all tenants become parts");
        ASSIGN_OR_RETURN(const LogPosition copy, log_->AppendRows(payload));
        if (last_copies.empty() || last_copies.back().segment != copy.segment) {
          last_copies.push_back(copy);
        }
        last_copies.back() = copy;
        relogged_bytes_.fetch_add(payload.size());
        return absl::OkStatus();
      },
      carried.get()));
  for (const LogPosition copy : last_copies) RETURN_IF_ERROR(WaitUntilDurable(copy));
  return carried;
}

StorageEngine::CarryPlan StorageEngine::PlanCarry(const std::vector<const Memtable*>& memtables) {
  const uint64_t number = memtables.back()->number();
  const int64_t now = options_.clock->MonotonicNanos();
  FlushSplit split = SplitTenants(memtables, LimitsForOldest(), now);
  auto carried = Catching("logging rows again", [&] { return CarryOn(memtables, split.to_carry); });
  if (carried.ok()) return {number, std::move(split), *std::move(carried)};
  if (!absl::IsCancelled(carried.status())) {
    SKALD_LOG(kWarn, "small tenants cannot be logged again and become parts",
              {{"err", Message(carried.status())}});
  }
  return {number, SplitTenants(memtables, CarryLimits(), now), nullptr};
}

Status StorageEngine::FlushOldest() {
  const std::shared_ptr<const EngineState> current = state();
  const FrozenMemtable oldest = current->frozen.front();
  std::vector<const Memtable*> memtables;
  if (current->carried != nullptr) memtables.push_back(current->carried.get());
  memtables.push_back(oldest.memtable.get());
  const uint64_t number = oldest.memtable->number();
  if (carry_.memtable != number || AllTenantsAreDue()) carry_ = PlanCarry(memtables);
  ASSIGN_OR_RETURN(const auto parts, Commit({memtables, carry_.split.to_parts}, number,
                                            EndOfSegmentsBelow(oldest.log_boundary)));
  ReplaceState([&](EngineState* next) {
    next->ChangeStored([&](StoredState* stored) { stored->AddParts(parts); });
    next->frozen.erase(next->frozen.begin());
    next->carried = carry_.carried;
  });
  carry_ = CarryPlan();
  // The flush has succeeded, whatever becomes of what is left to do.
  const Status removed = Catching("after a flush", [&] {
    for (const Memtable* memtable : memtables) memtables_.Retire(*memtable);
    maintenance_->Wake();
    return log_->RemoveSegmentsBelow(oldest.log_boundary);
  });
  if (!removed.ok()) {
    Try([&] {
      SKALD_LOG(kWarn, "old log segments could not be removed", {{"err", Message(removed)}});
    });
  }
  return absl::OkStatus();
}

Status StorageEngine::CheckFrozen() const {
  MutexLock lock(&state_mutex_);
  if (state_->frozen.size() < kMaxWaitingFlushes) return absl::OkStatus();
  return Unavailable("too many memtables wait to be written to the disk, try again later");
}

Status StorageEngine::Flush() {
  uint64_t failures_before = 0;
  uint64_t target = 0;
  {
    MutexLock lock(&append_mutex_);
    if (closed_) return Unavailable("the server is shutting down");
    RETURN_IF_ERROR(CheckFrozen());
    {
      MutexLock state_lock(&state_mutex_);
      failures_before = flush_failures_;
      target = frozen_count_;
    }
    if (HoldsRows()) target = Freeze(FreezeFor::kAllTenants).count;
  }
  return WaitForFlushes(target, failures_before);
}

Status StorageEngine::WaitForFlushes(uint64_t count, uint64_t failures_before) {
  MutexLock lock(&state_mutex_);
  state_changed_.NotifyAll();  // a flusher that backs off after a failure tries again now
  while (flushed_count_ < count && !stopping_) {
    // An older memtable may have been flushed since the failure: that says nothing of this one.
    if (flush_failures_ > failures_before && !last_flush_error_.ok()) return last_flush_error_;
    state_changed_.Wait(&state_mutex_);
  }
  if (flushed_count_ < count) return Unavailable("the server is shutting down");
  return absl::OkStatus();
}

// Frozen even when it is empty: the flush that follows moves the manifest's position on, so that no
// record after a restart gets one up to this.
StatusOr<LogPosition> StorageEngine::Fence(
    absl::FunctionRef<void(LogPosition, StoredState*)> change) {
  uint64_t failures_before = 0;
  Frozen frozen;
  {
    MutexLock lock(&append_mutex_);
    if (closed_) return Unavailable("the server is shutting down");
    RETURN_IF_ERROR(CheckFrozen());
    failures_before = flush_failures();
    frozen = Freeze(FreezeFor::kAllTenants);
    ChangeState([&](StoredState* stored) { change(EndOfSegmentsBelow(frozen.boundary), stored); });
  }
  RETURN_IF_ERROR(WaitForFlushes(frozen.count, failures_before));
  return EndOfSegmentsBelow(frozen.boundary);
}

void StorageEngine::ChangeState(absl::FunctionRef<void(StoredState*)> change) {
  ReplaceState([&](EngineState* next) { next->ChangeStored(change); });
}

void StorageEngine::ReplaceState(absl::FunctionRef<void(EngineState*)> change) {
  const auto replace = [&]() -> Status {
    MutexLock lock(&state_mutex_);
    auto next = std::make_shared<EngineState>(*state_);
    change(next.get());
    SetState(std::move(next));
    return absl::OkStatus();
  };
  while (true) {
    const Status status = Catching("showing what was stored", replace);
    if (status.ok()) return;
    Try([&] { SKALD_LOG(kError, "waiting for memory", {{"err", Message(status)}}); });
    std::this_thread::sleep_for(kMemoryWait);
  }
}

uint64_t StorageEngine::flush_failures() const {
  MutexLock lock(&state_mutex_);
  return flush_failures_;
}

}  // namespace skald::storage
