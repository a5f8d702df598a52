// Chooses which parts of a tenant are to be merged next.
//
// Size-tiered in two steps, so that a row is encoded at most three times: level-0 parts, as the
// flusher wrote them, become level-1 parts of one UTC day and one retention class each; level-1
// parts of a day and class become one of level 2. A part whose streams are of
// several classes, because the rules have changed since it was written, is split; it stays at its
// level, and blocks of streams of one class are copied as they are stored. Level 0 is left
// alone while it is young and its parts are few: more of them then make larger parts of level 1.
// Parts of level 1 that are due go first, until those of level 0 become too many: else they would
// gather while there is always something to merge of level 0.
//
// Late rows, and compactions that are asked for again and again, leave a day with many small parts
// of level 2. Four and more side by side are merged while they are small together and the largest
// is no larger than the others: the part that a row is in then becomes at least twice as large, so
// that this happens to a row a few times at most, and what it costs is mostly copying.
//
// When all that can be merged is to be, large runs of parts of levels 0 and 1 become parts of level
// 2 in one step, as many at a time as memory allows: a row is then encoded once more and not twice.
//
// Invariant: what is merged is adjacent in arrival order, that is, no other part between the inputs
// has rows of their streams in their time span. So the output can take the place of the first
// input.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "storage/part/part.h"

namespace skald::storage {

struct MergePlan {
  std::vector<std::shared_ptr<const Part>> inputs;  // in arrival order
  uint32_t level = 1;                               // of the outputs
};

// A delete request that is not yet processed. A part that begins after its position and has rows in
// its time range is not merged with one that begins before: it would be unknown which rows the
// request hides.
struct MergeBarrier {
  LogPosition position;
  int64_t min_time = 0;  // inclusive
  int64_t max_time = 0;  // inclusive
};

struct MergeConditions {
  int64_t now = 0;     // wall ns
  bool force = false;  // merge all that can be merged, for good
  std::span<const MergeBarrier> barriers = {};
  uint64_t memory = 0;  // what a merge may hold, roughly; two inputs it may always have
  // True: the part has been there for a while.
  absl::FunctionRef<bool(const Part&)> has_rested;
  // False: the part is not merged.
  absl::FunctionRef<bool(const Part&)> is_usable;
  // The retention class of all the part's streams; nullopt: they are of several.
  absl::FunctionRef<std::optional<uint32_t>(const Part&)> class_of;
};

// `parts`: one tenant's, in arrival order.
std::optional<MergePlan> ChooseMerge(std::span<const std::shared_ptr<const Part>> parts,
                                     const MergeConditions& conditions);

// The merge of a level-0 part with the others of its level that may be merged with it, if any, due
// or not: when it has to be written again, they are no longer in the way of queries.
MergePlan MergeAround(std::span<const std::shared_ptr<const Part>> parts, const Part& part,
                      const MergeConditions& conditions);

// Leaves off the plan's last inputs, but not the first two, until a merge holds `memory` bytes at
// most, roughly, and its inputs have `file_bytes`. Reads the inputs' block directories.
void ShortenPlan(MergePlan* plan, uint64_t memory, uint64_t file_bytes);

// The UTC day of a time, in days since the epoch, and a day's first and last nanosecond.
int32_t DayOf(int64_t nanos);
struct DayBounds {
  int64_t first;
  int64_t last;
};
DayBounds BoundsOfDay(int32_t day);

}  // namespace skald::storage
