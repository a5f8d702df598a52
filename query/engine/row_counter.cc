#include "query/engine/row_counter.h"

#include <algorithm>
#include <array>
#include <limits>

#include "storage/model/row.h"

namespace skald::query {
namespace {

// Ranks pay when a run has at least so many rows per edge asked for.
constexpr uint64_t kRowsPerEdge = 8;
// Rows with more levels than these, none among them, are not counted by level.
constexpr size_t kMaxLevels = storage::kMaxRankedLevels + 1;

}  // namespace

// The labels besides their streams' that rows of the open unit must be counted by; kAny: batches
// must be made to know.
RowLabels RowCounter::LabelsOfUnit() const {
  storage::Block* const block = scanner_.block();
  if (plan_.value == RowValue::kUnwrapped ||
      !scanner_.pipeline().is_idle(block->metadata_names())) {
    return RowLabels::kAny;
  }
  const RowLabels labels = RowLabelsOf(plan_.grouping, block->metadata_names());
  if (labels != RowLabels::kLevel) return labels;
  // Where a stream has a label of that name, the rows' own goes by another.
  const bool renamed = std::any_of(
      block->runs().begin(), block->runs().end(),
      [&](const storage::StreamRun& run) { return StreamOf(run).labels.Has(kDetectedLevel); });
  return renamed ? RowLabels::kAny : labels;
}

// The panes' edges that fall into the open unit's time, and one more on either side, each one
// nanosecond late: ranks count what comes before.
std::vector<int64_t> RowCounter::RankEdges() {
  const std::vector<int64_t>& all = windows_.edges();
  auto begin = std::lower_bound(all.begin(), all.end(), scanner_.unit().min_time);
  auto end = std::lower_bound(begin, all.end(), scanner_.unit().max_time);
  if (begin != all.begin()) --begin;
  if (end != all.end()) ++end;
  first_edge_ = static_cast<uint32_t>(begin - all.begin());
  std::vector<int64_t> edges(begin, end);
  for (int64_t& edge : edges) edge += edge == std::numeric_limits<int64_t>::max() ? 0 : 1;
  return edges;
}

StatusOr<bool> RowCounter::CountByRanks(UnitSamples* samples) {
  const RowLabels labels = LabelsOfUnit();
  if (labels == RowLabels::kAny) return false;
  storage::Block* const block = scanner_.block();
  const std::vector<int64_t> edges = RankEdges();
  if (block->rows() < edges.size() * block->runs().size() * kRowsPerEdge) return false;
  if (labels == RowLabels::kNone) {
    RETURN_IF_ERROR(CountByRunRanks(edges, samples));
    return true;
  }
  if (plan_.value == RowValue::kLineBytes) return false;
  ASSIGN_OR_RETURN(const std::span<const std::string_view> levels, block->RankedLevels());
  if (levels.empty()) return false;
  scanner_.NoteMetadataUse();
  RETURN_IF_ERROR(CountByLevelRanks(edges, levels, samples));
  return true;
}

Status RowCounter::CountByRunRanks(const std::vector<int64_t>& edges, UnitSamples* samples) {
  std::vector<storage::Rank> ranks(edges.size());
  const auto fields = plan_.value == RowValue::kLineBytes ? storage::RankFields::kRowsAndBytes
                                                          : storage::RankFields::kRows;
  for (const storage::StreamRun& run : scanner_.block()->runs()) {
    RETURN_IF_ERROR(scanner_.block()->RanksAt(run, edges, fields, ranks));
    ASSIGN_OR_RETURN(const uint32_t series, SeriesOf(run, kAbsent));
    for (uint32_t i = 0; i + 1 < edges.size(); ++i) {
      const uint32_t pane = first_edge_ + i;
      const uint64_t rows = ranks[i + 1].rows - ranks[i].rows;
      if (rows == 0 || windows_.is_gap(pane)) continue;
      const uint64_t bytes = ranks[i + 1].line_bytes - ranks[i].line_bytes;
      samples->AddCount(series, pane, rows, plan_.value == RowValue::kLineBytes ? bytes : rows);
    }
  }
  return absl::OkStatus();
}

Status RowCounter::CountByLevelRanks(const std::vector<int64_t>& edges,
                                     std::span<const std::string_view> levels,
                                     UnitSamples* samples) {
  std::vector<uint64_t> ranks(edges.size() * levels.size());
  for (const storage::StreamRun& run : scanner_.block()->runs()) {
    RETURN_IF_ERROR(scanner_.block()->LevelRanksAt(run, edges, ranks));
    for (size_t level = 0; level < levels.size(); ++level) {
      uint32_t series = SeriesTable::kNone;
      for (uint32_t i = 0; i + 1 < edges.size(); ++i) {
        const uint32_t pane = first_edge_ + i;
        const uint64_t* const rank = ranks.data() + i * levels.size() + level;
        const uint64_t rows = rank[levels.size()] - rank[0];
        if (rows == 0 || windows_.is_gap(pane)) continue;
        if (series == SeriesTable::kNone) {
          ASSIGN_OR_RETURN(series, SeriesOf(run, levels[level]));
        }
        samples->AddCount(series, pane, rows, rows);
      }
    }
  }
  return absl::OkStatus();
}

StatusOr<bool> RowCounter::CountRows(UnitSamples* samples) {
  ASSIGN_OR_RETURN(const std::optional<LevelCodes> levels, LevelsOfRows());
  if (!levels.has_value()) return false;
  RETURN_IF_ERROR(CountByLevel(*levels, samples));
  return true;
}

// None if rows cannot be counted by number.
StatusOr<std::optional<RowCounter::LevelCodes>> RowCounter::LevelsOfRows() {
  static constexpr std::string_view kNoLevel = kAbsent;
  const RowLabels labels = LabelsOfUnit();
  if (labels == RowLabels::kAny) return std::nullopt;
  if (labels == RowLabels::kNone) return LevelCodes{{&kNoLevel, 1}, {}};
  const std::span<const std::string_view> names = scanner_.block()->metadata_names();
  const auto at = std::lower_bound(names.begin(), names.end(), kDetectedLevel);
  ASSIGN_OR_RETURN(const StringColumn column,
                   scanner_.Metadata(static_cast<size_t>(at - names.begin())));
  if (column.kind == StringColumn::Kind::kPlain || column.values.size() > kMaxLevels) {
    return std::nullopt;
  }
  return LevelCodes{column.values, column.codes};
}

Status RowCounter::CountByLevel(const LevelCodes& levels, UnitSamples* samples) {
  ASSIGN_OR_RETURN(const std::span<const int64_t> times, scanner_.block()->Timestamps());
  std::span<const uint32_t> lengths;
  const bool bytes = plan_.value == RowValue::kLineBytes;
  if (bytes) {
    ASSIGN_OR_RETURN(lengths, scanner_.LineLengths());
  }
  const std::span<const uint32_t> rows = scanner_.rows();
  size_t next = 0;
  for (const storage::StreamRun& run : scanner_.block()->runs()) {
    std::array<uint32_t, kMaxLevels> series;
    series.fill(SeriesTable::kNone);
    while (next < rows.size() && rows[next] < run.end) {
      const uint32_t pane = windows_.PaneOf(times[rows[next]], hint_);
      std::array<uint64_t, kMaxLevels> counts{};
      std::array<uint64_t, kMaxLevels> totals{};
      do {
        const uint32_t level = levels.codes.empty() ? 0 : levels.codes[rows[next]];
        ++counts[level];
        totals[level] += bytes ? lengths[rows[next]] : 1;
        ++next;
      } while (next < rows.size() && rows[next] < run.end &&
               windows_.PaneOf(times[rows[next]], pane) == pane);
      if (pane == kNoPane) continue;
      hint_ = pane;
      for (size_t level = 0; level < levels.values.size(); ++level) {
        if (counts[level] == 0) continue;
        if (series[level] == SeriesTable::kNone) {
          ASSIGN_OR_RETURN(series[level], SeriesOf(run, levels.values[level]));
        }
        samples->AddCount(series[level], pane, counts[level], totals[level]);
      }
    }
  }
  return absl::OkStatus();
}

StatusOr<uint32_t> RowCounter::SeriesOf(const storage::StreamRun& run, std::string_view level) {
  if (IsAbsent(level)) return grouper_.GroupStream(run.stream, StreamOf(run));
  return grouper_.GroupStreamAnd({kDetectedLevel, level}, StreamOf(run));
}

}  // namespace skald::query
