#include "storage/storage_engine.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/base/log.h"
#include "storage/catalog/directory_lock.h"
#include "storage/flush.h"
#include "storage/startup.h"

namespace skald::storage {
namespace {

constexpr auto kFlusherPeriod = std::chrono::seconds(1);
constexpr int64_t kFreeSpacePeriodNanos = 1'000'000'000;
// Frozen memtables that may wait for the flusher beside the one it writes.
constexpr size_t kMaxWaitingMemtables = 1;

// Everything in segments below `boundary`.
LogPosition EndOfSegmentsBelow(uint64_t boundary) {
  return {boundary - 1, std::numeric_limits<uint64_t>::max()};
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
  auto state = std::make_shared<EngineState>();
  state->AddParts(parts);
  DeleteHost* const host = this;  // which only members may take this for
  deletes_ = std::make_unique<DeleteBook>(options_.deletes, options_.files, options_.clock,
                                          options_.directory, catalog_.get(), host);
  RETURN_IF_ERROR(deletes_->Load(state.get()));
  {
    MutexLock append_lock(&append_mutex_);
    MutexLock lock(&state_mutex_);
    state->active = std::make_shared<Memtable>(next_memtable_++, options_.clock->MonotonicNanos());
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
  options.delete_delay_nanos = options_.retention_delete_delay_nanos;
  options.compact_in_background = options_.compact_in_background;
  options.deletes = deletes_.get();
  options.disk_limit = options_.disk_limit;
  options.log_directory = LogDirectory();
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

// A full memtable is written before the next record goes in, so replay needs no more memory than
// running does.
Status StorageEngine::InsertReplayed(std::string_view tenant, LogPosition position,
                                     std::span<const StreamRows> streams) {
  MutexLock append_lock(&append_mutex_);
  std::shared_ptr<const EngineState> current = state();
  if (current->active->bytes() >= options_.memtable_bytes) {
    ASSIGN_OR_RETURN(const auto parts, Commit(*current->active, current->active->last_position()));
    auto next = std::make_shared<EngineState>(*current);
    next->AddParts(parts);
    next->active = std::make_shared<Memtable>(next_memtable_++, options_.clock->MonotonicNanos());
    MutexLock lock(&state_mutex_);
    SetState(next);
    current = std::move(next);
  }
  for (const StreamRows& stream : streams) replayed_rows_ += stream.rows.size();
  current->active->Insert(tenant, position, streams);
  return absl::OkStatus();
}

Status StorageEngine::OpenLog() {
  LogOptions log;
  log.files = options_.files;
  log.clock = options_.clock;
  log.directory = LogDirectory();
  log.min_segment = std::max(catalog_->State().flushed.segment, replay_.last_segment) + 1;
  log.on_abandoned = [this](uint64_t segment) {
    SKALD_LOG(kError, "a log segment failed and was abandoned; flushing what it held",
              {{"segment", segment}});
    MutexLock lock(&state_mutex_);
    freeze_requested_ = true;
    state_changed_.NotifyAll();
  };
  ASSIGN_OR_RETURN(log_, GroupCommitLog::Open(std::move(log)));
  return absl::OkStatus();
}

// ---- Appending
// -----------------------------------------------------------------------------------

StatusOr<LogPosition> StorageEngine::Append(const PushRecord& record,
                                            std::span<const StreamRows> rows) {
  RETURN_IF_ERROR(CheckFreeSpace());
  RETURN_IF_ERROR(WaitForRoom());
  MutexLock lock(&append_mutex_);
  if (closed_) return Unavailable("the server is shutting down");
  maintenance_->NoteActivity();
  ASSIGN_OR_RETURN(const LogPosition position, log_->Append(record));
  const std::shared_ptr<const EngineState> current = state();
  current->active->Insert(record.tenant, position, rows);
  if (current->active->bytes() >= options_.memtable_bytes) Freeze();
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

Status StorageEngine::WaitForRoom() {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::nanoseconds(options_.push_wait_nanos);
  MutexLock lock(&state_mutex_);
  while (state_->frozen.size() > kMaxWaitingMemtables && !stopping_) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero() || !state_changed_.WaitFor(&state_mutex_, left)) {
      if (state_->frozen.size() <= kMaxWaitingMemtables) break;
      return Exhausted("the disk cannot keep up with pushes, try again later");
    }
  }
  return absl::OkStatus();
}

StorageEngine::Frozen StorageEngine::Freeze() {
  const std::shared_ptr<const EngineState> current = state();
  const uint64_t boundary = log_->Rotate();
  MutexLock lock(&state_mutex_);
  auto next = std::make_shared<EngineState>(*state_);
  next->frozen.push_back({current->active, boundary});
  next->active = std::make_shared<Memtable>(next_memtable_++, options_.clock->MonotonicNanos());
  SetState(std::move(next));
  state_changed_.NotifyAll();
  return {++frozen_count_, boundary};
}

// ---- Flushing
// ------------------------------------------------------------------------------------

void StorageEngine::RunFlusher() {
  while (true) {
    bool work = false;
    {
      MutexLock lock(&state_mutex_);
      if (state_->frozen.empty() && !freeze_requested_ && !stopping_) {
        state_changed_.WaitFor(&state_mutex_, kFlusherPeriod);
      }
      work = !state_->frozen.empty();
      if (!work && stopping_) return;
    }
    if (!work && FreezeIsDue()) {
      MutexLock lock(&append_mutex_);
      if (!state()->active->empty()) Freeze();
    }
    if (!work) continue;
    const Status status = FlushOldest();
    if (!status.ok()) {
      SKALD_LOG(kError, "flushing failed, will be tried again", {{"err", Message(status)}});
    }
    MutexLock lock(&state_mutex_);
    last_flush_error_ = status;
    ++(status.ok() ? flushed_count_ : flush_failures_);
    state_changed_.NotifyAll();
    if (status.ok()) continue;
    if (stopping_) return;
    state_changed_.WaitFor(&state_mutex_, kFlusherPeriod);
  }
}

bool StorageEngine::FreezeIsDue() {
  MutexLock lock(&state_mutex_);
  if (std::exchange(freeze_requested_, false)) return true;
  const int64_t age = options_.clock->MonotonicNanos() - state_->active->created_monotonic_nanos();
  return age >= options_.memtable_age_nanos && !state_->active->empty();
}

StatusOr<std::vector<std::shared_ptr<Part>>> StorageEngine::Commit(const Memtable& memtable,
                                                                   LogPosition flushed) {
  if (reserved_for_ != memtable.number()) {
    const auto tenants = static_cast<uint32_t>(memtable.Tenants().size());
    reserved_files_ = catalog_->ReserveFiles(tenants);
    reserved_tenants_ = catalog_->ReserveTenants(tenants);
    reserved_for_ = memtable.number();
  }
  CatalogState numbers = catalog_->State();
  numbers.next_file = reserved_files_;
  numbers.next_tenant = reserved_tenants_;
  ASSIGN_OR_RETURN(FlushedParts written,
                   FlushMemtable(options_.files, options_.directory, memtable, numbers, &cache_));
  written.edit.flushed = flushed;
  RETURN_IF_ERROR(Annotate(catalog_->Apply(written.edit), "committing a flush"));
  return std::move(written.parts);
}

Status StorageEngine::FlushOldest() {
  const FrozenMemtable oldest = state()->frozen.front();
  ASSIGN_OR_RETURN(const auto parts,
                   Commit(*oldest.memtable, EndOfSegmentsBelow(oldest.log_boundary)));
  {
    MutexLock lock(&state_mutex_);
    auto next = std::make_shared<EngineState>(*state_);
    next->AddParts(parts);
    next->frozen.erase(next->frozen.begin());
    SetState(std::move(next));
  }
  maintenance_->Wake();
  const Status removed = log_->RemoveSegmentsBelow(oldest.log_boundary);
  if (!removed.ok()) {
    SKALD_LOG(kWarn, "old log segments could not be removed", {{"err", Message(removed)}});
  }
  return absl::OkStatus();
}

Status StorageEngine::Flush() {
  uint64_t failures_before = 0;
  uint64_t target = 0;
  {
    MutexLock lock(&append_mutex_);
    if (closed_) return Unavailable("the server is shutting down");
    {
      MutexLock state_lock(&state_mutex_);
      failures_before = flush_failures_;
      target = frozen_count_;
    }
    if (!state()->active->empty()) target = Freeze().count;
  }
  return WaitForFlushes(target, failures_before);
}

Status StorageEngine::WaitForFlushes(uint64_t count, uint64_t failures_before) {
  MutexLock lock(&state_mutex_);
  state_changed_.NotifyAll();  // a flusher that backs off after a failure tries again now
  while (flushed_count_ < count && !stopping_) {
    if (flush_failures_ > failures_before) return last_flush_error_;
    state_changed_.Wait(&state_mutex_);
  }
  if (flushed_count_ < count) return Unavailable("the server is shutting down");
  return absl::OkStatus();
}

// Frozen even when it is empty: the flush that follows moves the manifest's position on, so that no
// record after a restart gets one up to this.
StatusOr<LogPosition> StorageEngine::Fence(
    absl::FunctionRef<void(LogPosition, EngineState*)> change) {
  const uint64_t failures_before = flush_failures();
  Frozen frozen;
  {
    MutexLock lock(&append_mutex_);
    if (closed_) return Unavailable("the server is shutting down");
    frozen = Freeze();
    ChangeState([&](EngineState* state) { change(EndOfSegmentsBelow(frozen.boundary), state); });
  }
  RETURN_IF_ERROR(WaitForFlushes(frozen.count, failures_before));
  return EndOfSegmentsBelow(frozen.boundary);
}

void StorageEngine::ChangeState(absl::FunctionRef<void(EngineState*)> change) {
  MutexLock lock(&state_mutex_);
  auto next = std::make_shared<EngineState>(*state_);
  change(next.get());
  SetState(std::move(next));
}

uint64_t StorageEngine::flush_failures() const {
  MutexLock lock(&state_mutex_);
  return flush_failures_;
}

Status StorageEngine::Close() {
  {
    MutexLock lock(&append_mutex_);
    if (closed_ || log_ == nullptr) return absl::OkStatus();
    closed_ = true;
    if (!state()->active->empty()) Freeze();
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
  maintenance_->NoteActivity();
  const auto policy = retention();
  return state()->SnapshotOf(tenant, &cache_,
                             RetentionCuts::Of(policy.get(), tenant, options_.clock->WallNanos()));
}

Status StorageEngine::Exchange(const CatalogEdit& edit, const std::vector<PartPtr>& removed,
                               const std::vector<std::shared_ptr<Part>>& added) {
  RETURN_IF_ERROR(catalog_->Apply(edit));
  ChangeState([&](EngineState* state) {
    state->RemoveParts(removed);
    state->AddParts(added);
  });
  for (const PartPtr& part : removed) part->MarkObsolete();
  return absl::OkStatus();
}

EngineStats StorageEngine::Stats() const {
  EngineStats stats;
  std::shared_ptr<const EngineState> current;
  {
    MutexLock lock(&state_mutex_);
    current = state_;
    stats.flushes = flushed_count_;
    stats.flush_failures = flush_failures_;
  }
  const auto add_memtable = [&stats](const Memtable& memtable) {
    stats.memtable_bytes += memtable.bytes();
    stats.memtable_rows += memtable.rows();
    stats.memtable_streams += memtable.streams();
  };
  add_memtable(*current->active);
  for (const FrozenMemtable& frozen : current->frozen) add_memtable(*frozen.memtable);
  stats.frozen_memtables = current->frozen.size();
  for (const auto& [tenant, parts] : current->parts) {
    for (const PartPtr& part : *parts) {
      ++stats.parts;
      stats.part_bytes += part->file_size();
      stats.part_rows += part->footer().rows;
      const int64_t oldest = part->footer().min_time;
      stats.oldest_part_time = stats.parts == 1 ? oldest : std::min(stats.oldest_part_time, oldest);
    }
  }
  const LogStats log = log_->stats();
  stats.log_bytes_written = log.bytes_written;
  stats.log_records = log.records;
  stats.log_syncs = log.syncs;
  stats.log_sync_nanos = log.sync_nanos;
  stats.log_pending_bytes = log.pending_bytes;
  stats.log_writable = log.writable;
  stats.log_failures = log.failures;
  stats.log_segments = log.segments;
  stats.damaged_records = replay_.damaged_ranges;
  stats.replayed_records = replay_.records;
  stats.replayed_rows = replayed_rows_;
  const PageCacheStats cache = cache_.stats();
  stats.cache_bytes = cache.bytes;
  stats.cache_hits = cache.hits;
  stats.cache_misses = cache.misses;
  const CompactionStats compaction = maintenance_->compaction_stats();
  stats.compactions = compaction.merges;
  stats.compaction_failures = compaction.failures;
  stats.compaction_input_bytes = compaction.input_bytes;
  stats.compaction_output_bytes = compaction.output_bytes;
  stats.compaction_running = compaction.running;
  stats.retention_sweeps = maintenance_->sweeper().sweeps();
  stats.parts_expired = maintenance_->sweeper().parts_removed();
  stats.deletes_received = deletes_->received();
  stats.deletes_processed = deletes_->processed();
  for (const auto& [tenant, requests] : current->deletes) stats.deletes_pending += requests->size();
  stats.parts_over_disk_limit = maintenance_->disk_limit().parts_removed();
  stats.retention_suspended = maintenance_->sweeper().suspended();
  const StatusOr<uint64_t> free = options_.files->FreeSpace(options_.directory);
  stats.disk_free_bytes = free.value_or(0);
  stats.disk_full = free.ok() && *free < options_.free_space_reserve;
  return stats;
}

}  // namespace skald::storage
