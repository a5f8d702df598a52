// The engine behind storage/engine.h: wires log, memtables, flusher and manifest together.
//
// Locks, in order: append_mutex_ before state_mutex_. The append lock serialises what must happen
// in log order: a record's position, its insertion, and the freeze that ends segment and memtable
// together. The catalog has a lock of its own, under which no other is taken.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "storage/base/guarded.h"
#include "storage/base/mutex.h"
#include "storage/cache/page_cache.h"
#include "storage/catalog/catalog.h"
#include "storage/catalog/undecided_parts.h"
#include "storage/deletes/delete_book.h"
#include "storage/deletes/delete_host.h"
#include "storage/engine.h"
#include "storage/engine/flush.h"
#include "storage/engine/maintenance.h"
#include "storage/engine/relog.h"
#include "storage/memtable/memtable_memory.h"
#include "storage/state/engine_state.h"
#include "storage/state/part_exchange.h"
#include "storage/wal/group_commit.h"
#include "storage/wal/recovery.h"

namespace skald::storage {

class StorageEngine : public Engine,
                      private Writer,
                      private Reader,
                      private PartExchange,
                      private DeleteHost {
 public:
  explicit StorageEngine(EngineOptions options);
  ~StorageEngine() override;

  // Once, before anything else.
  Status Start();

  Writer* writer() override { return this; }
  Reader* reader() override { return this; }
  DeleteRequests* deletes() override { return deletes_.get(); }
  Status Flush() override;
  Status Compact() override { return maintenance_->Compact(); }
  void StartCompaction() override { maintenance_->StartCompaction(); }
  void SetRetention(std::shared_ptr<const RetentionPolicy> policy) override {
    *retention_.Lock() = std::move(policy);
  }
  StatusOr<ExpiredParts> FindExpired() override {
    return maintenance_->sweeper().FindExpired(retention().get());
  }
  Status SweepExpired() override { return maintenance_->Sweep(); }
  Status Close() override;
  EngineStats Stats() const override;

 private:
  StatusOr<LogPosition> Append(const PushRecord& record, std::span<const StreamRows> rows,
                               Reservation* memory) override;
  void WhenDurable(LogPosition position, absl::AnyInvocable<void(Status)> done) override;
  std::shared_ptr<const Snapshot> GetSnapshot(std::string_view tenant) override;
  std::vector<std::shared_ptr<const Snapshot>> GetSnapshots(
      std::span<const std::string_view> tenants) override;
  // The state for a snapshot to keep, once others keep little enough.
  StatusOr<std::shared_ptr<const EngineState>> StateToKeep(const StopToken* stop) const;
  std::shared_ptr<const StoredState> CurrentState() const override { return state()->stored; }
  std::optional<int64_t> NewestTime() const override { return state()->NewestTime(); }
  Status Exchange(const CatalogEdit& edit, const std::vector<PartPtr>& removed,
                  const std::vector<std::shared_ptr<Part>>& added) override;
  StatusOr<LogPosition> Fence(absl::FunctionRef<void(LogPosition, StoredState*)> change) override;
  void ChangeState(absl::FunctionRef<void(StoredState*)> change) override;

  std::string LogDirectory() const { return options_.directory + "/wal"; }

  // Start-up.
  Status ReplayLogIntoMemtables();
  Status InsertReplayed(std::string_view tenant, LogPosition position,
                        std::span<const StreamRows> streams);
  // Writes the full memtable, or leaves it to the flusher if the disk does not let it be written.
  // The record at `position` may be in it in part.
  Status EndReplayedMemtable(LogPosition position) SKALD_REQUIRES(append_mutex_);
  Status OpenLog();
  void StartMaintenance();

  // Appending.
  Status CheckFreeSpace();
  // Slows pushes down, or refuses them, while the tenant's parts wait to be merged.
  Status WaitForMerges(std::string_view tenant) SKALD_EXCLUDES(state_mutex_);
  Status ReserveMemory(std::span<const StreamRows> rows, Reservation* memory) const;
  Status WaitForRoom(std::chrono::steady_clock::time_point deadline) SKALD_EXCLUDES(state_mutex_);
  StatusOr<LogPosition> AppendNow(const PushRecord& record, std::span<const StreamRows> rows)
      SKALD_REQUIRES(append_mutex_);
  // A freeze as its caller waits for it.
  struct Frozen {
    uint64_t count = 0;     // of freezes so far
    uint64_t boundary = 0;  // every record up to the freeze is in a segment below this
  };
  // Ends the active memtable and its segment. Everything in memory becomes parts, or, with
  // kLargeTenants, what is worth one.
  enum class FreezeFor { kAllTenants, kLargeTenants };
  Frozen Freeze(FreezeFor purpose) SKALD_REQUIRES(append_mutex_);
  bool HoldsRows() const SKALD_EXCLUDES(state_mutex_);
  // Unavailable: so many memtables wait to be flushed that nobody may have another one frozen.
  Status CheckFrozen() const SKALD_EXCLUDES(state_mutex_);
  // Waits until so many memtables have been flushed. The last error, if flushes have failed since
  // there were `failures_before`. Unavailable: the engine was closed before.
  Status WaitForFlushes(uint64_t count, uint64_t failures_before) SKALD_EXCLUDES(state_mutex_);
  uint64_t flush_failures() const SKALD_EXCLUDES(state_mutex_);
  bool IsFull(const EngineState& state) const;
  // Whether memtables may take more rows.
  bool HasRoom(const EngineState& state) const;
  std::shared_ptr<Memtable> NewMemtable() SKALD_REQUIRES(append_mutex_);

  // Flushing; the flusher's thread.
  void RunFlusher();
  bool FreezeIsDue();
  // Freezes what is worth parts, if it is due. The error is that memory ran out.
  Status FreezeIfDue();
  // Flushes the oldest frozen memtable; what is in parts is dropped from the log.
  Status FlushOldest();
  // What becomes of the tenants of a frozen memtable and of the memtable carried so far.
  struct CarryPlan {
    uint64_t memtable = 0;  // the frozen one's number; 0: none
    FlushSplit split;
    std::shared_ptr<const Memtable> carried;  // the rows of split.to_carry; null: there are none
  };
  // Splits the tenants and logs small ones again, if that can be done; else all become parts.
  CarryPlan PlanCarry(const std::vector<const Memtable*>& memtables);
  // Logs the rows of small tenants again, durably; null when there are none.
  StatusOr<std::shared_ptr<const Memtable>> CarryOn(const std::vector<const Memtable*>& memtables,
                                                    const std::vector<TenantId>& tenants);
  // True while a freeze for all tenants has not been flushed.
  bool AllTenantsAreDue() const SKALD_EXCLUDES(state_mutex_);
  CarryLimits LimitsForOldest() const SKALD_EXCLUDES(state_mutex_);
  Status WaitUntilDurable(LogPosition position);
  // Writes parts; commits that everything up to `flushed` is in parts or logged again. The same
  // `memtable` (a number) means the same input, which is tried again.
  StatusOr<std::vector<std::shared_ptr<Part>>> Commit(const FlushInput& input, uint64_t memtable,
                                                      LogPosition flushed);

  // Replaces the state. Where memory runs out it waits for some, and `change` is called once more:
  // what the manifest says must be shown.
  void ReplaceState(absl::FunctionRef<void(EngineState*)> change) SKALD_EXCLUDES(state_mutex_);

  std::shared_ptr<const RetentionPolicy> retention() const { return *retention_.Lock(); }
  std::shared_ptr<const EngineState> state() const;
  void SetState(std::shared_ptr<const EngineState> state) SKALD_REQUIRES(state_mutex_) {
    state_ = std::move(state);
  }

  const EngineOptions options_;
  PageCache cache_;
  MemtableMemory memtables_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<GroupCommitLog> log_;
  std::unique_ptr<DeleteBook> deletes_;

  Mutex append_mutex_;
  bool closed_ SKALD_GUARDED_BY(append_mutex_) = false;
  uint64_t next_memtable_ SKALD_GUARDED_BY(append_mutex_) = 1;

  mutable Mutex state_mutex_;
  CondVar state_changed_;
  std::shared_ptr<const EngineState> state_ SKALD_GUARDED_BY(state_mutex_);
  uint64_t frozen_count_ SKALD_GUARDED_BY(state_mutex_) = 0;
  uint64_t flushed_count_ SKALD_GUARDED_BY(state_mutex_) = 0;
  // The freezes up to this one were for all tenants.
  uint64_t flush_all_through_ SKALD_GUARDED_BY(state_mutex_) = 0;
  uint64_t flush_failures_ SKALD_GUARDED_BY(state_mutex_) = 0;
  Status last_flush_error_ SKALD_GUARDED_BY(state_mutex_);
  bool freeze_requested_ SKALD_GUARDED_BY(state_mutex_) = false;
  bool stopping_ SKALD_GUARDED_BY(state_mutex_) = false;

  std::atomic<int64_t> free_space_checked_at_{0};
  std::atomic<int64_t> appended_at_{0};  // when the last push was, of the options' clock
  std::atomic<bool> disk_full_{false};
  Guarded<std::shared_ptr<const RetentionPolicy>> retention_;
  // The numbers of the files that the memtable reserved_for_ is written to: the same at every try
  // that needs no more of them, so that failing flushes do not leave ever more files. These are the
  // flusher's.
  uint64_t reserved_for_ = 0;
  FileNumber reserved_files_ = 0;
  TenantNumber reserved_tenants_ = 0;
  uint32_t reserved_count_ = 0;
  // Of the oldest frozen memtable while its flush fails: however often it is tried, small tenants
  // are logged again once. The flusher's.
  CarryPlan carry_;
  UndecidedParts undecided_;  // of flushes; the flusher's
  std::atomic<uint64_t> relogged_bytes_{0};
  std::atomic<uint64_t> slowed_pushes_{0};
  ReplayStats replay_;
  uint64_t replayed_rows_ = 0;
  std::thread flusher_;
  std::unique_ptr<Maintenance> maintenance_;
};

}  // namespace skald::storage
