#include "storage/engine/maintenance.h"

#include <chrono>
#include <utility>

#include "storage/base/catching.h"
#include "storage/base/log.h"

namespace skald::storage {
namespace {

constexpr auto kIdleWait = std::chrono::seconds(1);
constexpr auto kBackOff = std::chrono::seconds(10);
constexpr int64_t kSweepPeriodNanos = int64_t{60} * 1'000'000'000;
// Pushes and queries go first so long after the last one came in; a block waits no longer than
// kYield for them, so work goes on however busy the server is.
constexpr int64_t kActiveNanos = 50'000'000;
constexpr auto kYield = std::chrono::milliseconds(20);
// Above so many level-0 parts of a tenant, merging no longer yields, nor stays in the idle class,
// until half of them are left.
constexpr size_t kMaxLevel0Backlog = 96;

int64_t MachineNanos() { return Clock::Real()->MonotonicNanos(); }

}  // namespace

Maintenance::Maintenance(MaintenanceOptions options, Catalog* catalog, PageCache* cache,
                         PartExchange* engine)
    : options_(std::move(options)),
      catalog_(catalog),
      sweeper_(options_.clock, options_.delete_delay_nanos, engine),
      disk_limit_(options_.disk_limit, engine),
      delete_sweeper_(options_.deletes, cache, &stop_),
      compactor_(MergeTools{options_.files, options_.directory, cache, catalog, this, &stop_},
                 options_.clock, {options_.free_space_reserve, options_.compaction_bytes}, engine,
                 &delete_sweeper_, [this] { return RemovalNow(); }) {}

Maintenance::~Maintenance() { Stop(); }

void Maintenance::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Maintenance::Stop() {
  priority_.End();
  stop_.RequestStop();
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.NotifyAll();
    while (working_ || waiting_ > 0) changed_.Wait(&mutex_);
  }
  if (thread_.joinable()) thread_.join();
}

void Maintenance::Wake() {
  const bool hurry = compactor_.level0_backlog() > kMaxLevel0Backlog;
  MutexLock lock(&mutex_);
  // A thread of the idle class may not get to see for itself that it is needed.
  if (hurry && !in_hurry_.exchange(true)) priority_.Leave();
  woken_ = true;
  changed_.NotifyAll();
}

void Maintenance::NoteActivity() { active_at_.store(MachineNanos(), std::memory_order_relaxed); }

Status Maintenance::BetweenBlocks() {
  RETURN_IF_ERROR(stop_.Check());
  if (in_hurry_.load(std::memory_order_relaxed) || compacting_.load(std::memory_order_relaxed)) {
    return absl::OkStatus();
  }
  const int64_t since = MachineNanos() - active_at_.load(std::memory_order_relaxed);
  if (since >= kActiveNanos) return absl::OkStatus();
  MutexLock lock(&mutex_);
  // Whoever asks for work should not wait for the background's.
  if (waiting_ == 0 && !stopping_) changed_.WaitFor(&mutex_, kYield);
  return absl::OkStatus();
}

Status Maintenance::Claim() {
  MutexLock lock(&mutex_);
  ++waiting_;
  changed_.NotifyAll();
  while (working_ && !stopping_) changed_.Wait(&mutex_);
  --waiting_;
  changed_.NotifyAll();
  if (stopping_) return Unavailable("the server is shutting down");
  working_ = true;
  return absl::OkStatus();
}

void Maintenance::Release() {
  MutexLock lock(&mutex_);
  working_ = false;
  changed_.NotifyAll();
}

Status Maintenance::Compact() {
  RETURN_IF_ERROR(Claim());
  compacting_.store(true);
  compactor_.RetryFailed();
  StatusOr<bool> more = true;
  while (more.ok() && *more) more = compactor_.MergeOne(/*force=*/true);
  compacting_.store(false);
  Release();
  return more.status();
}

MergeRemoval Maintenance::RemovalNow() const {
  return {sweeper_.may_remove(), options_.clock->WallNanos() - options_.delete_delay_nanos,
          options_.retention()};
}

void Maintenance::StartCompaction() {
  MutexLock lock(&mutex_);
  ++full_asked_;
  full_error_.clear();
  woken_ = true;
  changed_.NotifyAll();
}

FullCompaction Maintenance::full_compaction() const {
  MutexLock lock(&mutex_);
  return {full_ended_ < full_asked_, full_error_};
}

Status Maintenance::Sweep() {
  RETURN_IF_ERROR(Claim());
  const auto policy = options_.retention();
  Status status = sweeper_.Sweep(policy.get());
  status.Update(disk_limit_.Enforce());
  Release();
  return status;
}

bool Maintenance::WaitForWork() {
  MutexLock lock(&mutex_);
  if (!woken_ && !stopping_) changed_.WaitFor(&mutex_, kIdleWait);
  // Time alone makes parts due, to be removed and to be merged.
  return (std::exchange(woken_, false) || SweepIsDue()) && !stopping_;
}

void Maintenance::Run() {
  priority_.Enter();
  if (in_hurry_.load()) priority_.Leave();
  while (!stop_.stop_requested()) {
    if (!WaitForWork() || !Claim().ok()) continue;
    const Status status = WorkInBackground();
    Release();
    if (status.ok() || absl::IsCancelled(status)) continue;
    SKALD_LOG(kError, "background work on parts failed, will be tried again",
              {{"err", Message(status)}});
    MutexLock lock(&mutex_);
    const auto until = std::chrono::steady_clock::now() + kBackOff;
    while (!stopping_ && std::chrono::steady_clock::now() < until) {
      changed_.WaitFor(&mutex_, until - std::chrono::steady_clock::now());
    }
    woken_ = true;
  }
}

Status Maintenance::WorkInBackground() {
  const Status status = Catching("background work on parts", [&] { return MergeInBackground(); });
  SetHurry(false);
  return status;
}

Status Maintenance::RemoveWhatIsDue() {
  if (SweepIsDue()) {
    swept_at_ = options_.clock->MonotonicNanos();
    const auto policy = options_.retention();
    RETURN_IF_ERROR(sweeper_.Sweep(policy.get()));
    catalog_->KeepBallast();
  }
  return disk_limit_.Enforce();
}

bool Maintenance::SweepIsDue() const {
  return options_.clock->MonotonicNanos() - swept_at_ >= kSweepPeriodNanos;
}

void Maintenance::SetHurry(bool hurry) {
  if (in_hurry_.exchange(hurry) == hurry) return;
  if (hurry) {
    priority_.Leave();
  } else {
    priority_.Enter();
  }
}

Status Maintenance::MergeInBackground() {
  while (true) {
    // Before each merge: there may be work for hours.
    RETURN_IF_ERROR(RemoveWhatIsDue());
    const size_t most = in_hurry_.load() ? kMaxLevel0Backlog / 2 : kMaxLevel0Backlog;
    SetHurry(compactor_.level0_backlog() > most);
    ASSIGN_OR_RETURN(const bool more, MergeOneInBackground());
    RETURN_IF_ERROR(stop_.Check());
    MutexLock lock(&mutex_);
    if (!more && full_ended_ == full_asked_) return absl::OkStatus();
    if (waiting_ == 0) continue;
    woken_ = true;  // go on when they have had their turn
    return absl::OkStatus();
  }
}

StatusOr<bool> Maintenance::MergeOneInBackground() {
  uint64_t asked = 0;
  bool full = false;
  {
    MutexLock lock(&mutex_);
    asked = full_asked_;
    full = full_ended_ < full_asked_;
  }
  if (!full && !options_.compact_in_background) return false;
  if (std::exchange(full_begun_, asked) != asked) compactor_.RetryFailed();
  // In a hurry, what is due goes first: it is cheaper, and parts become fewer sooner.
  StatusOr<bool> more = compactor_.MergeOne(full && !in_hurry_.load());
  if (full && more.ok() && !*more) more = compactor_.MergeOne(true);
  if (more.ok() && *more) return more;
  MutexLock lock(&mutex_);
  full_ended_ = asked;
  if (full && !more.ok()) full_error_ = Message(more.status());
  return more;
}

}  // namespace skald::storage
