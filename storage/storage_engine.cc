#include "storage/storage_engine.h"

#include <algorithm>
#include <future>
#include <limits>
#include <utility>

#include "storage/base/log.h"
#include "storage/catalog/directory_lock.h"
#include "storage/flush.h"
#include "storage/freeze_policy.h"
#include "storage/relog.h"
#include "storage/startup.h"

namespace skald::storage {
namespace {

constexpr auto kFlusherPeriod = std::chrono::seconds(1);
constexpr int64_t kFreeSpacePeriodNanos = 1'000'000'000;
// Frozen memtables beyond which a full one is not frozen: pushes wait instead.
constexpr size_t kMaxFrozenMemtables = 1;

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
      chunks_(std::make_shared<ChunkPool>()),
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

// A full memtable is written before the next record goes in, so replay needs no more memory than
// running does.
Status StorageEngine::InsertReplayed(std::string_view tenant, LogPosition position,
                                     std::span<const StreamRows> streams) {
  MutexLock append_lock(&append_mutex_);
  std::shared_ptr<const EngineState> current = state();
  if (IsFull(*current)) {
    const Memtable& full = *current->active;
    ASSIGN_OR_RETURN(const auto parts,
                     Commit(FlushInput::All(full), full.number(), full.last_position()));
    auto next = std::make_shared<EngineState>(*current);
    next->AddParts(parts);
    next->active = NewMemtable();
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
  log.max_pending_bytes = options_.log_buffer_bytes;
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

Status StorageEngine::WaitForRoom() {
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::nanoseconds(options_.push_wait_nanos);
  MutexLock lock(&state_mutex_);
  const auto has_room = [&]() SKALD_REQUIRES(state_mutex_) {
    return !IsFull(*state_) || state_->frozen.size() < kMaxFrozenMemtables || stopping_;
  };
  while (!has_room()) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (left <= left.zero() || !state_changed_.WaitFor(&state_mutex_, left)) {
      if (has_room()) break;
      return Exhausted("the disk cannot keep up with pushes, try again later");
    }
  }
  return absl::OkStatus();
}

bool StorageEngine::IsFull(const EngineState& state) const {
  const Memtable& active = *state.active;
  const uint64_t for_streams = std::min(active.stream_bytes(), options_.memtable_bytes / 2);
  return active.bytes() >= options_.memtable_bytes + for_streams;
}

std::shared_ptr<Memtable> StorageEngine::NewMemtable() {
  return std::make_shared<Memtable>(next_memtable_++, options_.clock->MonotonicNanos(), chunks_);
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

// ---- Flushing
// ------------------------------------------------------------------------------------

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
    chunks_->Trim();
    if (!work && FreezeIsDue()) {
      MutexLock lock(&append_mutex_);
      if (HoldsRows()) Freeze(FreezeFor::kLargeTenants);
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
  written.edit.flushed = flushed;
  RETURN_IF_ERROR(Annotate(catalog_->Apply(written.edit), "committing a flush"));
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
  auto carried = std::make_shared<Memtable>(memtables.back()->number(),
                                            OldestSince(memtables, tenants), chunks_);
  LogPosition last;
  RETURN_IF_ERROR(CarryTenants(
      memtables, tenants, options_.clock->WallNanos(),
      [&](std::string_view payload) -> Status {
        MutexLock lock(&append_mutex_);
        // A copy logged behind a freeze for all tenants would outlive the flush that settles them,
        // and be replayed beside, say, a delete request that came between.
        if (AllTenantsAreDue()) return absl::CancelledError("all tenants become parts");
        ASSIGN_OR_RETURN(last, log_->AppendRows(payload));
        relogged_bytes_.fetch_add(payload.size());
        return absl::OkStatus();
      },
      carried.get()));
  RETURN_IF_ERROR(WaitUntilDurable(last));
  return carried;
}

Status StorageEngine::FlushOldest() {
  const std::shared_ptr<const EngineState> current = state();
  const FrozenMemtable oldest = current->frozen.front();
  std::vector<const Memtable*> memtables;
  if (current->carried != nullptr) memtables.push_back(current->carried.get());
  memtables.push_back(oldest.memtable.get());
  const int64_t now = options_.clock->MonotonicNanos();
  FlushSplit split = SplitTenants(memtables, LimitsForOldest(), now);
  StatusOr<std::shared_ptr<const Memtable>> carried = CarryOn(memtables, split.to_carry);
  if (!carried.ok()) {
    if (!absl::IsCancelled(carried.status())) {
      SKALD_LOG(kWarn, "small tenants cannot be logged again and become parts",
                {{"err", Message(carried.status())}});
    }
    split = SplitTenants(memtables, CarryLimits(), now);
    carried = nullptr;
  }
  ASSIGN_OR_RETURN(const auto parts, Commit({memtables, split.to_parts}, oldest.memtable->number(),
                                            EndOfSegmentsBelow(oldest.log_boundary)));
  {
    MutexLock lock(&state_mutex_);
    auto next = std::make_shared<EngineState>(*state_);
    next->AddParts(parts);
    next->frozen.erase(next->frozen.begin());
    next->carried = *std::move(carried);
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
    if (HoldsRows()) target = Freeze(FreezeFor::kAllTenants).count;
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
    frozen = Freeze(FreezeFor::kAllTenants);
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
  if (current->carried != nullptr) add_memtable(*current->carried);
  stats.frozen_memtables = current->frozen.size();
  stats.relogged_bytes = relogged_bytes_.load();
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
  stats.compaction_blocks = compaction.blocks;
  stats.compaction_blocks_read = compaction.blocks_read;
  const FullCompaction full = maintenance_->full_compaction();
  stats.full_compaction_running = full.running;
  stats.full_compaction_error = full.error;
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
