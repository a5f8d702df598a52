#include "storage/compact/merge_plan.h"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "storage/base/units.h"
#include "storage/part/block_directory.h"
#include "storage/part/part_format.h"
#include "storage/part/stored_blocks.h"
#include "storage/state/stored_state.h"

namespace skald::storage {
namespace {

constexpr int64_t kNanosPerDay = int64_t{24} * 3600 * 1'000'000'000;

// So many level-0 parts of a tenant are merged whatever their age, so many that have rested too.
constexpr size_t kLevel0Parts = 48;
constexpr size_t kRestedLevel0Parts = 4;
// From so many level-0 parts on they go before those of level 1 that are due.
constexpr size_t kUrgentLevel0Parts = 72;
// So many level-1 parts of a day are merged when they have so many bytes, or so long after the
// day's end.
constexpr size_t kLevel1Parts = 4;
constexpr uint64_t kLevel1Bytes = 256_MiB;
constexpr int64_t kDayRestNanos = int64_t{2} * 3600 * 1'000'000'000;
// So many level-2 parts of a day are merged while they have no more than so many bytes.
constexpr size_t kLevel2Parts = 4;
constexpr uint64_t kLevel2Bytes = 256_MiB;
// What is to be merged for good and has so many bytes goes to level 2 in one step. Less is cheap to
// encode twice, and level 2 is left with fewer parts so.
constexpr uint64_t kOneStepBytes = 1_MiB;
// A merge has no more inputs, and no more bytes unless it has but two. One that takes all there is
// may have more inputs: it begins less often.
constexpr size_t kMaxInputs = 16;
constexpr size_t kMaxForcedInputs = 64;
constexpr uint64_t kMaxInputBytes = 2_GiB;
// What a merge holds: of an input a decoded block, some vectors with an entry a row of it, and the
// stream table with its labels; of the output the filters.
constexpr uint64_t kBlockMemory = 1792_KiB;
constexpr uint64_t kBlockRowMemory = 64;
constexpr uint64_t kStreamMemory = 256;
// Of a cell of metadata once decoded, and of a name in the directory of a block's metadata.
constexpr uint64_t kCellMemory = 24;
constexpr uint64_t kNameBytes = 10;
constexpr uint64_t kLineBytesPerFilterByte = 48;

using PartPtr = std::shared_ptr<const Part>;

// Roughly what a merge holds for an input besides its metadata.
uint64_t MemoryFor(const PartFooter& part) {
  const uint64_t bytes = part.line_bytes + part.metadata_bytes;
  const uint64_t row_bytes = std::max<uint64_t>(1, bytes / std::max<uint64_t>(1, part.rows));
  const uint64_t block_rows =
      std::min<uint64_t>({part.rows, kMaxBlockRows, kBlockRawBytes / row_bytes});
  return kBlockMemory + block_rows * kBlockRowMemory + part.streams * kStreamMemory +
         part.line_bytes / kLineBytesPerFilterByte;
}

// Roughly the cells that a block's metadata has when it is decoded.
uint64_t MetadataCells(uint64_t rows, std::span<const PageInfo> pages) {
  const auto names = std::find_if(pages.begin(), pages.end(), [](const PageInfo& page) {
    return page.kind == PageKind::kMetadata;
  });
  if (names == pages.end()) return 0;
  return std::min(kMaxMetadataCells, rows * (names->raw_size / kNameBytes + 1));
}

// Roughly what a merge holds for an input's metadata: that of one block.
uint64_t MetadataMemory(const Part& part) {
  if (part.footer().metadata_bytes == 0) return 0;
  const auto directory = part.Directory();
  if (!directory.ok()) return 0;  // the merge will say so
  uint64_t cells = 0;
  for (size_t i = 0; i < (*directory)->size(); ++i) {
    cells = std::max(cells, MetadataCells((*directory)->block(i).rows, (*directory)->pages(i)));
  }
  return cells * kCellMemory;
}

// Parts that may be merged with each other.
struct Run {
  std::vector<PartPtr> parts;
  uint64_t bytes = 0;
  uint64_t memory = 0;
  int64_t min_time = std::numeric_limits<int64_t>::max();
  int64_t max_time = std::numeric_limits<int64_t>::min();

  bool full(const MergeConditions& conditions) const {
    if (parts.size() < 2) return false;
    return parts.size() >= (conditions.force ? kMaxForcedInputs : kMaxInputs) ||
           bytes >= kMaxInputBytes || memory >= conditions.memory;
  }
  void Add(const PartPtr& part) {
    parts.push_back(part);
    bytes += part->file_size();
    memory += MemoryFor(part->footer());
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

// The class of the streams of every part that has but one and may be merged.
using ClassMap = absl::flat_hash_map<const Part*, uint32_t>;

enum class Role {
  kMember,     // may be merged
  kBystander,  // has none of the members' streams
  kOther,
};

// Cuts the members among the parts into runs.
std::vector<Run> FindRuns(std::span<const PartPtr> parts, const MergeConditions& conditions,
                          absl::FunctionRef<Role(const Part&)> role_of) {
  std::vector<Run> runs;
  std::vector<const PartFooter*> between;  // others since the run began
  for (const PartPtr& part : parts) {
    const Role role = role_of(*part);
    if (role == Role::kOther) between.push_back(&part->footer());
    if (role != Role::kMember) continue;
    Run longer = runs.empty() ? Run() : runs.back();
    longer.Add(part);
    const bool adjacent = std::none_of(between.begin(), between.end(),
                                       [&](const PartFooter* p) { return Overlap(longer, *p); });
    if (!runs.empty() && !runs.back().full(conditions) && adjacent &&
        !IsBarred(runs.back(), part->footer(), conditions.barriers)) {
      runs.back() = std::move(longer);
    } else {
      runs.emplace_back().Add(part);
      between.clear();
    }
  }
  return runs;
}

bool Level0IsDue(const Run& run, size_t level0_parts, const MergeConditions& conditions) {
  if (conditions.force) return true;
  if (run.parts.size() >= 2 && level0_parts >= kLevel0Parts) return true;
  return run.parts.size() >= kRestedLevel0Parts && conditions.has_rested(*run.parts.front());
}

bool Level1IsDue(const Run& run, int32_t day, const MergeConditions& conditions) {
  if (conditions.force && run.parts.size() >= 2) return true;
  if (run.parts.size() < kLevel1Parts) return false;
  const bool rests =
      conditions.now > kDayRestNanos && conditions.now - kDayRestNanos > BoundsOfDay(day).last;
  return rests || run.full(conditions) || run.bytes >= kLevel1Bytes;
}

// The runs of level-0 parts.
std::vector<Run> FindLevel0Runs(std::span<const PartPtr> parts, const MergeConditions& conditions) {
  const auto role_of = [&](const Part& part) {
    const bool is_member = part.footer().level == 0 && conditions.is_usable(part);
    return is_member ? Role::kMember : Role::kOther;
  };
  return FindRuns(parts, conditions, role_of);
}

std::optional<MergePlan> ChooseLevel0(std::span<const PartPtr> parts,
                                      const MergeConditions& conditions) {
  const size_t level0_parts = CountLevel0(parts);
  std::optional<MergePlan> longest;  // rids queries of the most parts
  for (Run& run : FindLevel0Runs(parts, conditions)) {
    if (!Level0IsDue(run, level0_parts, conditions)) continue;
    if (longest.has_value() && run.parts.size() <= longest->inputs.size()) continue;
    longest = MergePlan{std::move(run.parts), 1};
  }
  return longest;
}

// Large runs of levels 0 and 1, whatever their days and classes: each output has those of one.
std::optional<MergePlan> ChooseForced(std::span<const PartPtr> parts,
                                      const MergeConditions& conditions) {
  const auto role_of = [&](const Part& part) {
    const bool is_member = part.footer().level < 2 && conditions.is_usable(part);
    return is_member ? Role::kMember : Role::kOther;
  };
  for (Run& run : FindRuns(parts, conditions, role_of)) {
    const bool is_settled = run.parts.size() == 1 && run.parts.front()->footer().level == 1;
    if (!is_settled && run.bytes >= kOneStepBytes) return MergePlan{std::move(run.parts), 2};
  }
  return std::nullopt;
}

// The parts of a level from 1 on, of one day and class.
struct Group {
  uint32_t level;
  int32_t day;
  uint32_t retention_class;
  bool operator<(const Group& other) const {
    return std::tie(level, day, retention_class) <
           std::tie(other.level, other.day, other.retention_class);
  }
};

std::vector<Run> RunsOf(const Group& group, std::span<const PartPtr> parts, const ClassMap& classes,
                        const MergeConditions& conditions) {
  const auto role_of = [&](const Part& part) {
    if (part.footer().level == 0) return Role::kOther;
    const auto known = classes.find(&part);
    if (known == classes.end()) return Role::kOther;
    if (known->second != group.retention_class) return Role::kBystander;
    const bool is_member = part.footer().level == group.level && part.footer().day == group.day &&
                           conditions.is_usable(part);
    return is_member ? Role::kMember : Role::kOther;
  };
  return FindRuns(parts, conditions, role_of);
}

// The most of a run's level-2 parts, side by side, that are due; empty: none are.
std::span<const PartPtr> DueOfLevel2(const Run& run) {
  for (size_t count = run.parts.size(); count >= kLevel2Parts; --count) {
    for (size_t first = 0; first + count <= run.parts.size(); ++first) {
      const auto parts = std::span<const PartPtr>(run.parts).subspan(first, count);
      uint64_t all = 0;
      uint64_t largest = 0;
      for (const PartPtr& part : parts) {
        all += part->file_size();
        largest = std::max(largest, part->file_size());
      }
      if (all <= kLevel2Bytes && largest <= all - largest) return parts;
    }
  }
  return {};
}

std::optional<MergePlan> ChooseFromGroup(const Group& group, std::span<const PartPtr> parts,
                                         const ClassMap& classes,
                                         const MergeConditions& conditions) {
  for (Run& run : RunsOf(group, parts, classes, conditions)) {
    if (group.level == 1) {
      if (Level1IsDue(run, group.day, conditions)) return MergePlan{std::move(run.parts), 2};
      continue;
    }
    const std::span<const PartPtr> due = DueOfLevel2(run);
    if (!due.empty()) return MergePlan{{due.begin(), due.end()}, 2};
  }
  return std::nullopt;
}

}  // namespace

std::optional<MergePlan> ChooseMerge(std::span<const PartPtr> parts,
                                     const MergeConditions& conditions) {
  if (conditions.force) {
    if (auto plan = ChooseForced(parts, conditions); plan.has_value()) return plan;
  }
  std::optional<MergePlan> level0 = ChooseLevel0(parts, conditions);
  const bool is_urgent = conditions.force || CountLevel0(parts) >= kUrgentLevel0Parts;
  if (level0.has_value() && is_urgent) return level0;
  ClassMap classes;
  std::set<Group> groups;
  for (const PartPtr& part : parts) {
    const PartFooter& footer = part->footer();
    if (footer.level == 0 || !conditions.is_usable(*part)) continue;
    const std::optional<uint32_t> retention_class = conditions.class_of(*part);
    if (!retention_class.has_value()) {
      return level0.has_value() ? std::move(level0) : MergePlan{{part}, footer.level};
    }
    classes[part.get()] = *retention_class;
    groups.insert({footer.level, footer.day, *retention_class});
  }
  for (const Group& group : groups) {  // by level
    if (level0.has_value() && group.level > 1) break;
    auto plan = ChooseFromGroup(group, parts, classes, conditions);
    if (plan.has_value()) return plan;
  }
  return level0;
}

MergePlan MergeAround(std::span<const PartPtr> parts, const Part& part,
                      const MergeConditions& conditions) {
  MergePlan plan;  // to level 1
  for (Run& run : FindLevel0Runs(parts, conditions)) {
    const bool has_part = std::any_of(run.parts.begin(), run.parts.end(), [&](const PartPtr& p) {
      return p->file_number() == part.file_number();
    });
    if (has_part) plan.inputs = std::move(run.parts);
  }
  return plan;
}

void ShortenPlan(MergePlan* plan, uint64_t memory, uint64_t file_bytes) {
  uint64_t held = 0;
  uint64_t bytes = 0;
  size_t fitting = 0;
  for (const PartPtr& input : plan->inputs) {
    held += MemoryFor(input->footer()) + MetadataMemory(*input);
    if (input->footer().level == plan->level) held += StoredBlocks::MemoryOf(input->footer());
    bytes += input->file_size();
    if (fitting >= 2 && (held > memory || bytes > file_bytes)) break;
    ++fitting;
  }
  plan->inputs.resize(fitting);
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
