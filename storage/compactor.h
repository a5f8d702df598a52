// Merges the engine's parts, one merge at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/base/clock.h"
#include "storage/base/guarded.h"
#include "storage/base/status.h"
#include "storage/compact/merge_job.h"
#include "storage/delete_sweeper.h"
#include "storage/part_classes.h"
#include "storage/part_exchange.h"
#include "storage/tenant_sieve.h"

namespace skald::storage {

struct CompactionStats {
  uint64_t merges = 0;
  uint64_t failures = 0;
  uint64_t input_bytes = 0;  // of finished merges
  uint64_t output_bytes = 0;
  bool running = false;
};

// What merges may leave out at one moment.
struct MergeRemoval {
  // False: nothing at all.
  bool is_allowed = false;
  // Rows that were past their period at this wall time.
  int64_t expired_at = 0;
  std::shared_ptr<const RetentionPolicy> policy;  // null: nothing expires
};

// Threads: externally synchronised, but for stats().
class Compactor {
 public:
  // Merges leave `free_space_reserve` bytes of the disk free.
  Compactor(MergeTools tools, Clock* clock, uint64_t free_space_reserve, PartExchange* engine,
            DeleteSweeper* deletes, std::function<MergeRemoval()> removal)
      : tools_(std::move(tools)),
        clock_(clock),
        free_space_reserve_(free_space_reserve),
        engine_(engine),
        deletes_(deletes),
        removal_(std::move(removal)),
        classes_(tools_.cache) {}

  // Carries out the merge that is most worth it; with `force`, any that is possible; then writes
  // again what due delete requests mean rows of. Returns false when there is nothing to do.
  // Unavailable: not enough free space, or the disk failed. A damaged part is logged and not tried
  // again.
  StatusOr<bool> MergeOne(bool force);

  // The greatest number of level-0 parts that a tenant has.
  size_t level0_backlog() const;

  CompactionStats stats() const { return *stats_.Lock(); }

 private:
  std::optional<MergePlan> Choose(const EngineState& state, const MergeRemoval& removal,
                                  bool force);
  // As PartClasses; a part whose classes cannot be read is not merged.
  std::optional<uint32_t> ClassOf(const Part& part, const RetentionCuts& cuts);
  // The part that is written again for a delete request.
  StatusOr<std::optional<MergePlan>> ChooseForDeletes(const EngineState& state);
  bool IsUsable(const Part& part) const { return !damaged_.contains(part.file_number()); }
  Status CheckSpace(const MergePlan& plan) const;
  Status Carry(const MergePlan& plan, RowSieve* sieve);
  // Removes outputs whose edit failed, once it is certain that it does not count.
  Status SettleUndecided();

  const MergeTools tools_;
  Clock* const clock_;
  const uint64_t free_space_reserve_;
  PartExchange* const engine_;
  DeleteSweeper* const deletes_;
  const std::function<MergeRemoval()> removal_;
  PartClasses classes_;
  std::set<FileNumber> damaged_;
  std::vector<std::string> undecided_;
  Guarded<CompactionStats> stats_;
};

}  // namespace skald::storage
