// The engine's background work on parts: merges and the removal of what has expired.
//
// One thread, behind everything else on the machine. It works when parts were added and every now
// and then; between blocks it lets recent pushes and queries go first, unless so many level-0 parts
// have gathered that queries suffer more from those. Work that is asked for (Compact, Sweep) runs
// on the asking thread, at full speed, never beside the background's.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "storage/base/mutex.h"
#include "storage/base/stop.h"
#include "storage/compact/compactor.h"
#include "storage/compact/idle_priority.h"
#include "storage/retention/disk_limit.h"
#include "storage/retention/retention_sweeper.h"

namespace skald::storage {

struct MaintenanceOptions {
  FileSystem* files = nullptr;
  Clock* clock = nullptr;
  std::string directory;
  uint64_t free_space_reserve = 0;
  uint64_t compaction_bytes = 0;  // of memory, for a merge
  int64_t delete_delay_nanos = 0;
  bool compact_in_background = true;
  DeleteBook* deletes = nullptr;
  uint64_t disk_limit = 0;
  // The policy in force; may return null.
  std::function<std::shared_ptr<const RetentionPolicy>()> retention;
};

// What became of the last StartCompaction.
struct FullCompaction {
  bool running = false;
  std::string error;  // the first of the merges that failed; empty: none did
};

// Threads: thread-safe.
class Maintenance : private Pace {
 public:
  // All must outlive this.
  Maintenance(MaintenanceOptions options, Catalog* catalog, PageCache* cache, PartExchange* engine);
  ~Maintenance() override;

  // Starts the thread, once.
  void Start();
  // Ends what runs, at the next block, and the thread. Idempotent.
  void Stop();

  // Parts were added.
  void Wake();
  // A push or a query came in.
  void NoteActivity();

  // Merges all that can be merged; the first error of those merges that failed. Unavailable:
  // stopped, the disk is too full or failed.
  Status Compact();
  // Has the background do the same, at its pace; returns at once.
  void StartCompaction();
  // Looks for expired parts, and at the disk limit, now.
  Status Sweep();

  CompactionStats compaction_stats() const { return compactor_.stats(); }
  FullCompaction full_compaction() const;
  const RetentionSweeper& sweeper() const { return sweeper_; }
  const DiskLimit& disk_limit() const { return disk_limit_; }

 private:
  Status BetweenBlocks() override;

  // Waits until nobody works, then has the work to itself. Unavailable: stopped.
  Status Claim() SKALD_EXCLUDES(mutex_);
  void Release() SKALD_EXCLUDES(mutex_);

  void Run();
  // True when the background should work; waits for that a while.
  bool WaitForWork() SKALD_EXCLUDES(mutex_);
  Status WorkInBackground();
  // Looks for expired parts, once a minute, and at the disk limit; sees to the ballast.
  Status RemoveWhatIsDue();
  bool SweepIsDue() const;
  MergeRemoval RemovalNow() const;
  // Until nothing is left to be merged, or others wait for the work.
  Status MergeInBackground();
  // The background's: whether it keeps to the idle class and lets others go first.
  void SetHurry(bool hurry);
  // Carries out one merge; false when none is left.
  StatusOr<bool> MergeOneInBackground() SKALD_EXCLUDES(mutex_);

  const MaintenanceOptions options_;
  Catalog* const catalog_;
  RetentionSweeper sweeper_;
  DiskLimit disk_limit_;
  DeleteSweeper delete_sweeper_;
  Compactor compactor_;
  StopToken stop_;
  IdlePriority priority_;                // of thread_
  std::atomic<int64_t> active_at_{0};    // of the machine's monotonic clock
  std::atomic<bool> in_hurry_{false};    // the background's thread
  std::atomic<bool> compacting_{false};  // Compact() runs, on its caller's thread
  int64_t swept_at_ = 0;                 // of the options' clock; the thread's
  uint64_t full_begun_ = 0;              // calls of StartCompaction that it has seen; the thread's

  mutable Mutex mutex_;
  CondVar changed_;
  bool working_ SKALD_GUARDED_BY(mutex_) = false;
  bool woken_ SKALD_GUARDED_BY(mutex_) = true;
  bool stopping_ SKALD_GUARDED_BY(mutex_) = false;
  uint64_t waiting_ SKALD_GUARDED_BY(mutex_) = 0;     // callers of Claim
  uint64_t full_asked_ SKALD_GUARDED_BY(mutex_) = 0;  // calls of StartCompaction
  uint64_t full_ended_ SKALD_GUARDED_BY(mutex_) = 0;  // those that are over
  std::string full_error_ SKALD_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace skald::storage
