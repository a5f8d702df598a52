// Merges the engine's parts, one merge at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "storage/base/clock.h"
#include "storage/base/guarded.h"
#include "storage/base/status.h"
#include "storage/catalog/undecided_parts.h"
#include "storage/compact/delete_sweeper.h"
#include "storage/compact/merge_backoff.h"
#include "storage/compact/merge_job.h"
#include "storage/compact/tenant_sieve.h"
#include "storage/retention/part_classes.h"
#include "storage/state/part_exchange.h"

namespace skald::storage {

struct CompactionStats {
  uint64_t merges = 0;
  uint64_t failures = 0;
  uint64_t input_bytes = 0;  // of finished merges
  uint64_t output_bytes = 0;
  uint64_t blocks_copied = 0;  // by finished merges
  bool running = false;
  // Of the merge that runs: input blocks in all, and those read so far.
  uint64_t blocks = 0;
  uint64_t blocks_read = 0;
};

struct CompactionLimits {
  uint64_t free_space_reserve = 0;  // merges leave so much of the disk free
  uint64_t memory = 0;              // what a merge may hold, roughly
};

// What merges may leave out at one moment.
struct MergeRemoval {
  // False: nothing at all.
  bool is_allowed = false;
  // Rows that were past their period at this wall time.
  int64_t expired_at = 0;
  std::shared_ptr<const RetentionPolicy> policy;  // null: nothing expires
};

// Threads: externally synchronised, but for stats() and level0_backlog().
class Compactor : private Pace {
 public:
  Compactor(MergeTools tools, Clock* clock, CompactionLimits limits, PartExchange* engine,
            DeleteSweeper* deletes, std::function<MergeRemoval()> removal);

  // Carries out the merge that is most worth it; with `force`, any that is possible; or, in turn
  // with merges, writes again a part that due delete requests mean rows of. A damaged part is
  // logged and not tried again. The parts of a merge that fails otherwise, or does not fit into the
  // free space, are left alone for a while (of an input that cannot be read, that one). Returns
  // false when there is nothing left to do; the first error instead, if merges have failed since
  // that was so. Other errors: the manifest cannot be written; Cancelled.
  StatusOr<bool> MergeOne(bool force);

  // Lets merges that have failed be tried again at once.
  void RetryFailed();

  // The greatest number of level-0 parts that a tenant has.
  size_t level0_backlog() const;

  CompactionStats stats() const;

 private:
  // Counts, and then keeps the tools' pace.
  Status BetweenBlocks() override;

  std::optional<MergePlan> Choose(const StoredState& state, const MergeRemoval& removal,
                                  bool force);
  // What `choose` makes of the conditions under which parts of the tenant are merged.
  std::optional<MergePlan> ChooseUnder(
      const StoredState& state, std::string_view tenant, const MergeRemoval& removal, bool force,
      absl::FunctionRef<std::optional<MergePlan>(const MergeConditions&)> choose);
  // As Choose, but delete requests have their turn.
  StatusOr<std::optional<MergePlan>> ChooseInTurn(const MergeRemoval& removal, bool force);
  void NoteLevel0(const StoredState& state);
  // As PartClasses; a part whose classes cannot be read is not merged.
  std::optional<uint32_t> ClassOf(const Part& part, const RetentionCuts& cuts);
  // A part that is written again for a delete request, one of level 0 with its neighbours.
  StatusOr<std::optional<MergePlan>> ChooseForDeletes(const StoredState& state,
                                                      const MergeRemoval& removal);
  MergePlan WithNeighbours(const StoredState& state, const MergeRemoval& removal, MergePlan plan);
  bool IsUsable(const Part& part) const;
  // Shortens the plan to what memory and free space allow.
  Status Fit(MergePlan* plan) const;
  void NoteStart(const MergePlan& plan);
  // Carries out a plan that fits, and says in stats() how it goes.
  Status Merge(MergePlan* plan, const MergeRemoval& removal, std::optional<FileNumber>* unreadable);
  // As RunMerge.
  Status Carry(const MergePlan& plan, RowSieve* sieve, std::optional<FileNumber>* unreadable);
  // Leaves alone the parts that made a merge fail: for good if they are damaged, else for a while.
  void LeaveAlone(const std::vector<FileNumber>& parts, const Status& failure);

  MergeTools tools_;  // their pace is this
  Pace* const pace_;
  Clock* const clock_;
  const CompactionLimits limits_;
  PartExchange* const engine_;
  DeleteSweeper* const deletes_;
  const std::function<MergeRemoval()> removal_;
  PartClasses classes_;
  std::set<FileNumber> damaged_;
  MergeBackoff backoff_;
  Status failure_;                             // the first that MergeOne has not returned yet
  std::map<FileNumber, int64_t> level0_seen_;  // since when, monotonic
  UndecidedParts undecided_;                   // outputs of merges
  bool deletes_are_next_ = false;
  Guarded<CompactionStats> stats_;
  std::atomic<uint64_t> blocks_read_{0};
};

}  // namespace skald::storage
