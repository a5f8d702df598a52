#include "storage/compact/merge_plan.h"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "storage/base/units.h"

namespace skald::storage {
namespace {

constexpr int64_t kNanosPerDay = int64_t{24} * 3600 * 1'000'000'000;

// So many level-0 parts, or so many bytes of them, are merged.
constexpr size_t kLevel0Parts = 4;
constexpr uint64_t kLevel0Bytes = 128_MiB;
// So many level-1 parts of a day are merged when they have so many bytes, or so long after the
// day's end.
constexpr size_t kLevel1Parts = 4;
constexpr uint64_t kLevel1Bytes = 256_MiB;
constexpr int64_t kDayRestNanos = int64_t{2} * 3600 * 1'000'000'000;
// A merge has no more inputs (each holds a decoded block), and no more bytes unless it has but two.
constexpr size_t kMaxInputs = 16;
constexpr uint64_t kMaxInputBytes = 2_GiB;

using PartPtr = std::shared_ptr<const Part>;

// Parts that may be merged with each other.
struct Run {
  std::vector<PartPtr> parts;
  uint64_t bytes = 0;
  int64_t min_time = std::numeric_limits<int64_t>::max();
  int64_t max_time = std::numeric_limits<int64_t>::min();

  bool full() const {
    return parts.size() >= kMaxInputs || (parts.size() >= 2 && bytes >= kMaxInputBytes);
  }
  void Add(const PartPtr& part) {
    parts.push_back(part);
    bytes += part->file_size();
    min_time = std::min(min_time, part->footer().min_time);
    max_time = std::max(max_time, part->footer().max_time);
  }
};

bool Overlap(const Run& run, const PartFooter& part) {
  return run.min_time <= part.max_time && part.min_time <= run.max_time;
}

// True if a barrier stands between a run and a part that comes after it.
bool IsBarred(const Run& run, const PartFooter& part, std::span<const MergeBarrier> barriers) {
  const LogPosition begin = run.parts.front()->footer().log_first;
  return std::any_of(barriers.begin(), barriers.end(), [&](const MergeBarrier& barrier) {
    return begin <= barrier.position && barrier.position < part.log_first &&
           barrier.min_time <= part.max_time && part.min_time <= barrier.max_time;
  });
}

// Cuts the parts that satisfy `is_member` into runs.
std::vector<Run> FindRuns(std::span<const PartPtr> parts, std::span<const MergeBarrier> barriers,
                          absl::FunctionRef<bool(const Part&)> is_member) {
  std::vector<Run> runs;
  std::vector<const PartFooter*> between;  // other parts since the run began
  for (const PartPtr& part : parts) {
    if (!is_member(*part)) {
      between.push_back(&part->footer());
      continue;
    }
    Run longer = runs.empty() ? Run() : runs.back();
    longer.Add(part);
    const bool adjacent = std::none_of(between.begin(), between.end(),
                                       [&](const PartFooter* p) { return Overlap(longer, *p); });
    if (!runs.empty() && !runs.back().full() && adjacent &&
        !IsBarred(runs.back(), part->footer(), barriers)) {
      runs.back() = std::move(longer);
    } else {
      runs.emplace_back().Add(part);
      between.clear();
    }
  }
  return runs;
}

bool Level0IsDue(const Run& run, const MergeConditions& conditions) {
  return conditions.force || run.parts.size() >= kLevel0Parts ||
         (run.parts.size() >= 2 && run.bytes >= kLevel0Bytes);
}

bool Level1IsDue(const Run& run, int32_t day, const MergeConditions& conditions) {
  if (conditions.force && run.parts.size() >= 2) return true;
  if (run.parts.size() < kLevel1Parts) return false;
  const bool rests =
      conditions.now > kDayRestNanos && conditions.now - kDayRestNanos > BoundsOfDay(day).last;
  return rests || run.full() || run.bytes >= kLevel1Bytes;
}

}  // namespace

std::optional<MergePlan> ChooseMerge(std::span<const PartPtr> parts,
                                     const MergeConditions& conditions,
                                     absl::FunctionRef<bool(const Part&)> usable) {
  std::set<int32_t> days;
  for (const PartPtr& part : parts) {
    if (part->footer().level == 1) days.insert(part->footer().day);
  }
  const auto is_level0 = [&](const Part& p) { return p.footer().level == 0 && usable(p); };
  for (Run& run : FindRuns(parts, conditions.barriers, is_level0)) {
    if (Level0IsDue(run, conditions)) return MergePlan{std::move(run.parts), 1};
  }
  for (const int32_t day : days) {
    const auto is_of_day = [&](const Part& p) {
      return p.footer().level == 1 && p.footer().day == day && usable(p);
    };
    for (Run& run : FindRuns(parts, conditions.barriers, is_of_day)) {
      if (Level1IsDue(run, day, conditions)) return MergePlan{std::move(run.parts), 2};
    }
  }
  return std::nullopt;
}

size_t CountLevel0(std::span<const PartPtr> parts) {
  return static_cast<size_t>(std::count_if(
      parts.begin(), parts.end(), [](const PartPtr& part) { return part->footer().level == 0; }));
}

int32_t DayOf(int64_t nanos) {
  const int64_t day = nanos / kNanosPerDay;
  return static_cast<int32_t>(nanos % kNanosPerDay < 0 ? day - 1 : day);
}

DayBounds BoundsOfDay(int32_t day) {
  DayBounds bounds{std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  if (day > DayOf(bounds.first)) bounds.first = day * kNanosPerDay;
  if (day < DayOf(bounds.last)) bounds.last = (day + int64_t{1}) * kNanosPerDay - 1;
  return bounds;
}

}  // namespace skald::storage
