#include "storage/engine/storage_engine.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/base/log.h"
#include "storage/base/public_text.h"
#include "storage/catalog/directory_lock.h"
#include "storage/compact/merge_debt.h"
#include "storage/engine/startup.h"
#include "storage/memtable/insert_size.h"
#include "storage/state/late_snapshot.h"

namespace skald::storage {
namespace {

constexpr int64_t kFreeSpacePeriodNanos = 1'000'000'000;
// Frozen memtables beyond which a full one is not frozen: pushes wait instead.
constexpr size_t kMaxFrozenMemtables = 1;
// Rows that take so many full memtables may come in one push.
constexpr uint64_t kPushMemtables = 4;
constexpr uint64_t kMaxPushBytes = 1_GiB;  // however large memtables are: a row counts in 31 bits

// What the rows of one push may take.
uint64_t MaxPushBytes(const EngineOptions& options) {
  return std::min(std::max(kPushMemtables * options.memtable_bytes, options.max_push_bytes),
                  kMaxPushBytes);
}

// Memtables that replay may leave to the flusher, on a disk that is full. The log may hold what two
// did, the push that made the last of them full and, logged again, what was carried.
size_t MaxReplayedMemtables(const EngineOptions& options) {
  return 4 + MaxPushBytes(options) / options.memtable_bytes;
}

}  // namespace

StatusOr<std::unique_ptr<Engine>> Engine::Open(EngineOptions options) {
  auto engine = std::make_unique<StorageEngine>(std::move(options));
  RETURN_IF_ERROR(engine->Start());
  return std::unique_ptr<Engine>(std::move(engine));
}

StorageEngine::StorageEngine(EngineOptions options)
    : options_(std::move(options)),
      cache_(options_.page_cache_bytes),
      retention_(options_.retention) {}

StorageEngine::~StorageEngine() { Close().IgnoreError(); }

// ---- Start-up
// ------------------------------------------------------------------------------------

Status StorageEngine::Start() {
  ASSIGN_OR_RETURN(lock_, LockDirectory(options_.files, options_.directory));
  ManifestReport report;
  ASSIGN_OR_RETURN(auto manifest,
                   Manifest::Open(options_.files, options_.clock, options_.directory, &report));
  ASSIGN_OR_RETURN(const auto parts, OpenParts(options_.files, options_.directory, manifest.get(),
                                               report.existed, &cache_));
  catalog_ = std::make_unique<Catalog>(std::move(manifest));
  DeleteHost* const host = this;  // which only members may take this for
  deletes_ = std::make_unique<DeleteBook>(options_.deletes, options_.files, options_.clock,
                                          options_.directory, catalog_.get(), host);
  auto stored = std::make_shared<StoredState>();
  stored->AddParts(parts);
  RETURN_IF_ERROR(deletes_->Load(stored.get()));
  auto state = std::make_shared<EngineState>();
  state->stored = std::move(stored);
  {
    MutexLock append_lock(&append_mutex_);
    MutexLock lock(&state_mutex_);
    state->active = NewMemtable();
    SetState(std::move(state));
  }
  RETURN_IF_ERROR(ReplayLogIntoMemtables());
  RETURN_IF_ERROR(OpenLog());
  StartMaintenance();
  flusher_ = std::thread([this] { RunFlusher(); });
  return absl::OkStatus();
}

void StorageEngine::StartMaintenance() {
  MaintenanceOptions options;
  options.files = options_.files;
  options.clock = options_.clock;
  options.directory = options_.directory;
  options.free_space_reserve = options_.free_space_reserve;
  options.compaction_bytes = options_.compaction_bytes;
  options.delete_delay_nanos = options_.retention_delete_delay_nanos;
  options.compact_in_background = options_.compact_in_background;
  options.deletes = deletes_.get();
  options.disk_limit = options_.disk_limit;
  options.retention = [this] { return retention(); };
  PartExchange* const exchange = this;  // which only members may take this for
  maintenance_ =
      std::make_unique<Maintenance>(std::move(options), catalog_.get(), &cache_, exchange);
  maintenance_->Start();
}

Status StorageEngine::ReplayLogIntoMemtables() {
  RETURN_IF_ERROR(ReplayPushes(
      options_.files, LogDirectory(), catalog_->State().flushed, options_.decoder,
      [this](std::string_view tenant, LogPosition position, std::span<const StreamRows> streams) {
        return InsertReplayed(tenant, position, streams);
      },
      &replay_));
  if (replay_.records > 0 || replay_.damaged_ranges > 0 || replay_.torn_tails > 0) {
    SKALD_LOG(kInfo, "log replayed",
              {{"records", replay_.records},
               {"rows", replayed_rows_},
               {"torn_tails", replay_.torn_tails},
               {"damaged_ranges", replay_.damaged_ranges}});
  }
  return absl::OkStatus();
}

Status StorageEngine::InsertReplayed(std::string_view tenant, LogPosition position,
                                     std::span<const StreamRows> streams) {
  MutexLock append_lock(&append_mutex_);
  for (const StreamRows& stream : streams) replayed_rows_ += stream.rows.size();
  const auto insert = [&](std::span<const StreamRows> piece)
                          SKALD_REQUIRES(append_mutex_) -> Status {
    if (IsFull(*state())) RETURN_IF_ERROR(EndReplayedMemtable(position));
    state()->active->Insert(tenant, position, piece);
    return absl::OkStatus();
  };
  // What was acknowledged is taken, though it be more than a memtable.
  return ForEachPiece(streams, options_.memtable_bytes / 2, insert);
}

// So replay needs little more memory than running does. Memtables are written in order, so once one
// waits for the flusher, those after it do. The last record is not yet done with if more of it is
// to come: it is replayed again after a crash, and what parts have of it is not shown twice.
Status StorageEngine::EndReplayedMemtable(LogPosition position) {
  auto next = std::make_shared<EngineState>(*state());
  const Memtable& full = *next->active;
  if (next->frozen.size() >= MaxReplayedMemtables(options_)) {
    return Unavailable("the log holds more than may wait in memory, and parts cannot be written");
  }
  StatusOr<std::vector<std::shared_ptr<Part>>> parts = Unavailable("one before it was not");
  if (next->frozen.empty()) {
    const LogPosition before{position.segment, position.record - 1};
    parts = Commit(FlushInput::All(full), full.number(), std::min(full.last_position(), before));
  }
  if (!parts.ok() && !absl::IsUnavailable(parts.status())) return parts.status();
  if (parts.ok()) {
    next->ChangeStored([&](StoredState* stored) { stored->AddParts(*parts); });
  } else {
    SKALD_LOG(kError, "replayed rows cannot be written as parts for now",
              {{"err", Message(parts.status())}});
    next->frozen.push_back({next->active, full.last_position().segment});
  }
  next->active = NewMemtable();
  MutexLock lock(&state_mutex_);
  frozen_count_ = next->frozen.size();
  SetState(std::move(next));
  return absl::OkStatus();
}

Status StorageEngine::OpenLog() {
  LogOptions log;
  log.files = options_.files;
  log.clock = options_.clock;
  log.directory = LogDirectory();
  log.max_pending_bytes = options_.log_buffer_bytes;
  log.min_segment = std::max(catalog_->State().flushed.segment, replay_.last_segment) + 1;
  log.on_abandoned = [this](uint64_t segment) {
    {
      MutexLock lock(&state_mutex_);
      freeze_requested_ = true;
      state_changed_.NotifyAll();
    }
    SKALD_LOG(kError, "a log segment failed and was abandoned; flushing what it held",
              {{"segment", segment}});
  };
  ASSIGN_OR_RETURN(log_, GroupCommitLog::Open(std::move(log)));
  return absl::OkStatus();
}

// ---- Appending
// -----------------------------------------------------------------------------------

StatusOr<LogPosition> StorageEngine::Append(const PushRecord& record,
                                            std::span<const StreamRows> rows, Reservation* memory) {
  RETURN_IF_ERROR(ReserveMemory(rows, memory));
  RETURN_IF_ERROR(CheckFreeSpace());
  RETURN_IF_ERROR(WaitForMerges(record.tenant));
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::nanoseconds(options_.push_wait_nanos);
  while (true) {
    RETURN_IF_ERROR(WaitForRoom(deadline));
    MutexLock lock(&append_mutex_);
    if (closed_) return Unavailable("the server is shutting down");
    // Pushes that waited beside this one may have taken the room.
    if (HasRoom(*state())) return AppendNow(record, rows);
  }
}

Status StorageEngine::ReserveMemory(std::span<const StreamRows> rows, Reservation* memory) const {
  const uint64_t size = InsertSize(rows);
  const uint64_t most = MaxPushBytes(options_);
  if (size <= most) return memory->Grow(size);
  return WithHttpStatus(
      Exhausted(StrCat("push too large: its rows, with structured metadata and levels, take ", size,
                       " bytes in memory, of which ", most,
                       " are taken at once: push less at a time, or raise skald.memtable_size")),
      413);
}

StatusOr<LogPosition> StorageEngine::AppendNow(const PushRecord& record,
                                               std::span<const StreamRows> rows) {
  maintenance_->NoteActivity();
  appended_at_.store(options_.clock->MonotonicNanos(), std::memory_order_relaxed);
  ASSIGN_OR_RETURN(const LogPosition position, log_->Append(record));
  const std::shared_ptr<const EngineState> current = state();
  current->active->Insert(record.tenant, position, rows);
  if (IsFull(*current) && current->frozen.size() < kMaxFrozenMemtables) {
    Freeze(FreezeFor::kLargeTenants);
  }
  return position;
}

void StorageEngine::WhenDurable(LogPosition position, absl::AnyInvocable<void(Status)> done) {
  log_->WhenDurable(position, std::move(done));
}

Status StorageEngine::CheckFreeSpace() {
  const int64_t now = options_.clock->MonotonicNanos();
  int64_t checked_at = free_space_checked_at_.load();
  if ((checked_at == 0 || now - checked_at >= kFreeSpacePeriodNanos) &&
      free_space_checked_at_.compare_exchange_strong(checked_at, now)) {
    const StatusOr<uint64_t> free = options_.files->FreeSpace(options_.directory);
    disk_full_.store(free.ok() && *free < options_.free_space_reserve);
  }
  if (!disk_full_.load()) return absl::OkStatus();
  return Unavailable("the disk is almost full: pushes are refused until space is freed");
}

// Only while a merge runs: where none can, waiting for one would help nobody.
Status StorageEngine::WaitForMerges(std::string_view tenant) {
  const size_t level0_parts = state()->stored->Level0PartsOf(tenant);
  const auto delay = MergeDebtDelay(level0_parts);
  if (delay == delay.zero() || !maintenance_->compaction_stats().running) return absl::OkStatus();
  slowed_pushes_.fetch_add(1, std::memory_order_relaxed);
  if (IsMergeDebtTooHigh(level0_parts)) {
    return Exhausted("parts cannot be merged as fast as pushes come in, try again later");
  }
  const auto until = std::chrono::steady_clock::now() + delay;
  MutexLock lock(&state_mutex_);
  for (auto left = delay; left > left.zero() && !stopping_;
       left = until - std::chrono::steady_clock::now()) {
    state_changed_.WaitFor(&state_mutex_, left);
  }
  return absl::OkStatus();
}

Status StorageEngine::WaitForRoom(std::chrono::steady_clock::time_point deadline) {
  MutexLock lock(&state_mutex_);
  while (!HasRoom(*state_) && !stopping_) {
    if (!last_flush_error_.ok()) {
      // The log has the whole of it, once for every flush that failed.
      return Unavailable(StrCat("rows cannot be written to the disk, try again later: ",
                                PublicText(last_flush_error_)));
    }
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero()) {
      return Exhausted("the disk cannot keep up with pushes, try again later");
    }
    state_changed_.WaitFor(&state_mutex_, left);
  }
  return absl::OkStatus();
}

bool StorageEngine::IsFull(const EngineState& state) const {
  const Memtable& active = *state.active;
  const uint64_t for_streams = std::min(active.stream_bytes(), options_.memtable_bytes);
  return active.bytes() >= options_.memtable_bytes + for_streams;
}

// Whoever asks for a flush has a memtable frozen, however many there are.
bool StorageEngine::HasRoom(const EngineState& state) const {
  if (IsFull(state) && state.frozen.size() >= kMaxFrozenMemtables) return false;
  uint64_t bytes = state.active->bytes();
  uint64_t for_streams = state.active->stream_bytes();
  for (const FrozenMemtable& frozen : state.frozen) {
    bytes += frozen.memtable->bytes();
    for_streams += frozen.memtable->stream_bytes();
  }
  const uint64_t most = (kMaxFrozenMemtables + 1) * options_.memtable_bytes;
  return bytes < most + std::min(for_streams, most);
}

std::shared_ptr<Memtable> StorageEngine::NewMemtable() {
  return memtables_.NewMemtable(next_memtable_++, options_.clock->MonotonicNanos());
}

bool StorageEngine::HoldsRows() const {
  const std::shared_ptr<const EngineState> current = state();
  return !current->active->empty() || !current->frozen.empty() || current->carried != nullptr;
}

StorageEngine::Frozen StorageEngine::Freeze(FreezeFor purpose) {
  const std::shared_ptr<const EngineState> current = state();
  const uint64_t boundary = log_->Rotate();
  MutexLock lock(&state_mutex_);
  auto next = std::make_shared<EngineState>(*state_);
  next->frozen.push_back({current->active, boundary});
  next->active = NewMemtable();
  SetState(std::move(next));
  state_changed_.NotifyAll();
  ++frozen_count_;
  if (purpose == FreezeFor::kAllTenants) flush_all_through_ = frozen_count_;
  return {frozen_count_, boundary};
}

// ---- Stopping
// ------------------------------------------------------------------------------------

Status StorageEngine::Close() {
  {
    MutexLock lock(&append_mutex_);
    if (closed_ || log_ == nullptr) return absl::OkStatus();
    closed_ = true;
    if (HoldsRows()) Freeze(FreezeFor::kAllTenants);
  }
  {
    MutexLock lock(&state_mutex_);
    stopping_ = true;
    state_changed_.NotifyAll();
  }
  maintenance_->Stop();
  flusher_.join();
  const Status closed = log_->Close();
  MutexLock lock(&state_mutex_);
  if (!state_->frozen.empty()) return last_flush_error_;
  return closed;
}

// ---- Reading
// -------------------------------------------------------------------------------------

std::shared_ptr<const EngineState> StorageEngine::state() const {
  MutexLock lock(&state_mutex_);
  return state_;
}

std::shared_ptr<const Snapshot> StorageEngine::GetSnapshot(std::string_view tenant) {
  return GetSnapshots({&tenant, 1}).front();
}

std::vector<std::shared_ptr<const Snapshot>> StorageEngine::GetSnapshots(
    std::span<const std::string_view> tenants) {
  maintenance_->NoteActivity();
  const auto policy = retention();
  const int64_t now = options_.clock->WallNanos();
  const auto current = state();
  const bool is_late = memtables_.kept_bytes() > options_.max_kept_bytes;
  const auto moment =
      std::make_shared<LateMoment>([this](const StopToken* stop) { return StateToKeep(stop); });
  std::vector<std::shared_ptr<const Snapshot>> snapshots;
  for (const std::string_view tenant : tenants) {
    RetentionCuts cuts = RetentionCuts::Of(policy.get(), tenant, now);
    if (is_late) {
      snapshots.push_back(std::make_shared<LateSnapshot>(std::string(tenant), moment, &cache_,
                                                         std::move(cuts), current->stored));
    } else {
      snapshots.push_back(current->SnapshotOf(tenant, &cache_, std::move(cuts)));
    }
  }
  return snapshots;
}

StatusOr<std::shared_ptr<const EngineState>> StorageEngine::StateToKeep(
    const StopToken* stop) const {
  RETURN_IF_ERROR(memtables_.WaitForReaders(
      options_.max_kept_bytes, std::chrono::nanoseconds(options_.kept_wait_nanos), stop));
  return state();
}

Status StorageEngine::Exchange(const CatalogEdit& edit, const std::vector<PartPtr>& removed,
                               const std::vector<std::shared_ptr<Part>>& added) {
  RETURN_IF_ERROR(catalog_->Apply(edit));
  ChangeState([&](StoredState* stored) {
    stored->RemoveParts(removed);
    stored->AddParts(added);
  });
  for (const PartPtr& part : removed) part->MarkObsolete();
  return absl::OkStatus();
}

}  // namespace skald::storage
