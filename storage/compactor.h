// Merges the engine's parts, one merge at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/base/clock.h"
#include "storage/base/guarded.h"
#include "storage/base/status.h"
#include "storage/compact/merge_job.h"
#include "storage/part_exchange.h"

namespace skald::storage {

struct CompactionStats {
  uint64_t merges = 0;
  uint64_t failures = 0;
  uint64_t input_bytes = 0;  // of finished merges
  uint64_t output_bytes = 0;
  bool running = false;
};

// Threads: externally synchronised, but for stats().
class Compactor {
 public:
  // Merges leave `free_space_reserve` bytes of the disk free.
  Compactor(MergeTools tools, Clock* clock, uint64_t free_space_reserve, PartExchange* engine)
      : tools_(std::move(tools)),
        clock_(clock),
        free_space_reserve_(free_space_reserve),
        engine_(engine) {}

  // Carries out the merge that is most worth it; with `force`, any that is possible. Returns false
  // when there is none. Unavailable: not enough free space, or the disk failed. A damaged part is
  // logged and not tried again.
  StatusOr<bool> MergeOne(bool force);

  // The greatest number of level-0 parts that a tenant has.
  size_t level0_backlog() const;

  CompactionStats stats() const { return *stats_.Lock(); }

 private:
  std::optional<MergePlan> Choose(bool force) const;
  Status CheckSpace(const MergePlan& plan) const;
  Status Carry(const MergePlan& plan);
  // Removes outputs whose edit failed, once it is certain that it does not count.
  Status SettleUndecided();

  const MergeTools tools_;
  Clock* const clock_;
  const uint64_t free_space_reserve_;
  PartExchange* const engine_;
  std::set<FileNumber> damaged_;
  std::vector<std::string> undecided_;
  Guarded<CompactionStats> stats_;
};

}  // namespace skald::storage
