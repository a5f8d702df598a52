#include "query/engine/patterns.h"

#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <tuple>

#include "query/engine/ordered_tasks.h"
#include "query/engine/pattern_miner.h"
#include "query/engine/query_context.h"
#include "storage/base/row_set.h"
#include "storage/base/saturating.h"
#include "storage/base/stop_pacer.h"
#include "storage/model/row.h"

namespace skald::query {
namespace {

constexpr std::string_view kUnknownLevel = "unknown";
constexpr size_t kMaxLevels = 16;
// Fewer lines are no pattern, if they are less than a hundredth of all.
constexpr uint64_t kMinLines = 30;

// The patterns of some rows, by level.
class LevelMiners : public TaskResult {
 public:
  // `memory` may be null.
  explicit LevelMiners(MemoryBudget* memory) : reserved_(memory) {}

  Status Add(std::string_view level, std::string_view line, int64_t step, uint64_t count) {
    return Change(Of(level), [&](PatternMiner* miner) { miner->Add(line, step, count); });
  }
  Status Merge(const LevelMiners& other) {
    for (const auto& [level, theirs] : other.miners_) {
      const auto merge = [&miner = theirs](PatternMiner* ours) { ours->Merge(miner); };
      RETURN_IF_ERROR(Change(Of(level), merge));
    }
    return absl::OkStatus();
  }
  const std::map<std::string, PatternMiner, std::less<>>& all() const { return miners_; }
  uint64_t memory() const { return memory_; }

 private:
  PatternMiner* Of(std::string_view level) {
    if (level.empty()) level = kUnknownLevel;
    const auto found = miners_.find(level);
    if (found != miners_.end()) return &found->second;
    if (miners_.size() >= kMaxLevels) level = kUnknownLevel;
    return &miners_[std::string(level)];
  }

  // Changes one of the miners and reserves what they take then, in steps.
  template <typename F>
  Status Change(PatternMiner* miner, F&& change) {
    memory_ -= miner->memory();
    change(miner);
    memory_ += miner->memory();
    if (memory_ <= reserved_.bytes()) return absl::OkStatus();
    return reserved_.Grow(memory_ - reserved_.bytes() + kReservedAhead);
  }

  static constexpr uint64_t kReservedAhead = 64 << 10;
  std::map<std::string, PatternMiner, std::less<>> miners_;
  uint64_t memory_ = 0;  // that they take
  Reservation reserved_;
};

// Every n-th row is read, so that about params.max_rows are.
uint64_t StrideOf(const storage::Selection& selection, const PatternParams& params) {
  uint64_t rows = 0;
  for (const storage::ScanUnit& unit : selection.units()) rows += unit.rows;
  return rows / std::max<uint64_t>(params.max_rows, 1) + 1;
}

std::vector<uint32_t> SampleOf(const RowSet& rows, uint64_t stride) {
  std::vector<uint32_t> sample;
  uint64_t number = 0;
  rows.ForEach([&](uint32_t row) {
    if (number++ % stride == 0) sample.push_back(row);
  });
  return sample;
}

StatusOr<StringColumn> LevelsOf(storage::Block* block) {
  static constexpr std::string_view kNone[] = {kUnknownLevel};
  const auto names = block->metadata_names();
  const auto found = std::find(names.begin(), names.end(), kDetectedLevel);
  if (found == names.end()) return StringColumn{StringColumn::Kind::kConstant, kNone, {}};
  return block->Metadata(static_cast<size_t>(found - names.begin()));
}

StatusOr<std::unique_ptr<TaskResult>> MineUnit(const storage::Selection& selection, size_t unit,
                                               const PatternParams& params, uint64_t stride) {
  auto miners = std::make_unique<LevelMiners>(params.memory);
  RETURN_IF_ERROR(Spend(params.stop, selection.units()[unit].line_bytes));
  ASSIGN_OR_RETURN(const auto block, selection.Open(unit, params.stop));
  RowSet rows;
  RETURN_IF_ERROR(block->SelectRows(params.range, &rows));
  const std::vector<uint32_t> sample = SampleOf(rows, stride);
  if (sample.empty()) return std::unique_ptr<TaskResult>(std::move(miners));
  ASSIGN_OR_RETURN(const std::span<const int64_t> times, block->Timestamps());
  ASSIGN_OR_RETURN(const StringColumn levels, LevelsOf(block.get()));
  ASSIGN_OR_RETURN(storage::LineColumn* const column, block->Lines());
  std::vector<std::string_view> lines(sample.size());
  RETURN_IF_ERROR(column->Materialise(sample, lines));
  StopPacer pacer(params.stop);
  for (size_t i = 0; i < sample.size(); ++i) {
    const uint32_t row = sample[i];
    const int64_t step = FloorToMultiple(times[row], params.step);
    RETURN_IF_ERROR(miners->Add(levels[row], lines[i], step, stride));
    RETURN_IF_ERROR(pacer.Spend(lines[i].size()));
  }
  return std::unique_ptr<TaskResult>(std::move(miners));
}

// Patterns that began differently may have come to be the same.
void MergeEqual(std::vector<LinePattern>* patterns) {
  std::map<std::pair<std::string, std::string>, LinePattern> distinct;
  for (LinePattern& pattern : *patterns) {
    const auto [same, added] =
        distinct.try_emplace({pattern.pattern, pattern.level}, std::move(pattern));
    if (added) continue;
    same->second.total += pattern.total;
    std::map<int64_t, uint64_t> sums(same->second.samples.begin(), same->second.samples.end());
    for (const auto& [step, count] : pattern.samples) sums[step] += count;
    same->second.samples.assign(sums.begin(), sums.end());
  }
  patterns->clear();
  for (auto& [key, pattern] : distinct) patterns->push_back(std::move(pattern));
}

std::vector<LinePattern> MostFrequent(const LevelMiners& miners) {
  std::vector<LinePattern> patterns;
  uint64_t lines = 0;
  for (const auto& [level, miner] : miners.all()) {
    for (MinedPattern& mined : miner.Patterns()) {
      lines += mined.total;
      patterns.push_back({std::move(mined.text), level, mined.total, std::move(mined.counts)});
    }
  }
  MergeEqual(&patterns);
  const uint64_t least = std::min(kMinLines, lines / 100);
  std::erase_if(patterns, [&](const LinePattern& pattern) { return pattern.total < least; });
  std::sort(patterns.begin(), patterns.end(), [](const LinePattern& a, const LinePattern& b) {
    return std::tie(b.total, a.pattern, a.level) < std::tie(a.total, b.pattern, b.level);
  });
  patterns.resize(std::min(patterns.size(), PatternMiner::kMaxPatterns));
  return patterns;
}

}  // namespace

StatusOr<std::vector<LinePattern>> FindPatterns(const storage::Snapshot& snapshot,
                                                const PatternParams& params) {
  ASSIGN_OR_RETURN(const std::unique_ptr<storage::Selection> selection,
                   snapshot.Select(params.matchers, params.range, params.stop, params.memory));
  const uint64_t stride = StrideOf(*selection, params);
  LevelMiners found(params.memory);
  OrderedTasks tasks;
  tasks.count = selection->units().size();
  tasks.run = [&](size_t, size_t unit) { return MineUnit(*selection, unit, params, stride); };
  tasks.merge = [&](size_t, std::unique_ptr<TaskResult> unit) {
    return found.Merge(static_cast<const LevelMiners&>(*unit));
  };
  const size_t workers = WorkerCount(params.pool, tasks.count);
  RETURN_IF_ERROR(RunOrdered(params.pool, workers, std::move(tasks)));
  Reservation answer(params.memory);
  RETURN_IF_ERROR(answer.Grow(found.memory()));
  return MostFrequent(found);
}

}  // namespace skald::query
