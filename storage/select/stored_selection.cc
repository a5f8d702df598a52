#include "storage/select/stored_selection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "storage/base/coding.h"
#include "storage/base/hash.h"
#include "storage/base/log.h"
#include "storage/base/units.h"
#include "storage/memtable/memtable_block.h"
#include "storage/memtable/sorted_rows.h"
#include "storage/part/block_pruner.h"
#include "storage/part/part_block.h"

namespace skald::storage {
namespace {

// The work of totalling a block's rows, in bytes of lines that take about as long to read.
constexpr uint64_t kTotallingWork = 16_KiB;

// Tells two sets of literals apart.
std::pair<uint64_t, uint64_t> KeyOf(const RequiredLiterals& required) {
  std::string key;
  for (const std::vector<RequiredLiteral>& alternatives : required) {
    PutVarint64(&key, alternatives.size());
    for (const RequiredLiteral& literal : alternatives) {
      PutLengthPrefixed(&key, literal.text);
      key.push_back(literal.fold_case ? 1 : 0);
      key.push_back(static_cast<char>(literal.place));
    }
  }
  const Hash128Value hash = Hash128(key);
  return {hash.high, hash.low};
}

// The index of the edge before a stream's rows, if the next edge comes after all of them.
std::optional<size_t> StretchOf(std::span<const int64_t> edges, const StreamExtent& extent) {
  const auto after = std::upper_bound(edges.begin(), edges.end(), extent.min_time);
  if (after == edges.begin() || after == edges.end() || *after <= extent.max_time) {
    return std::nullopt;
  }
  return static_cast<size_t>(after - edges.begin()) - 1;
}

// The rows may be whole: a damaged filter prunes nothing.
void LogDamagedFilter(const Status& status) {
  SKALD_LOG(kError, "a filter cannot be read and skips nothing", {{"err", Message(status)}});
}

}  // namespace

StatusOr<std::unique_ptr<Block>> StoredSelection::Open(size_t index, const StopToken* stop) const {
  if (stop != nullptr) RETURN_IF_ERROR(stop->Check());
  const Detail& detail = details_[index];
  if (detail.memtable != nullptr) return OpenMemtable(*detail.memtable);
  const PartUnit& unit = *detail.part;
  ASSIGN_OR_RETURN(auto block,
                   PartBlock::Open(unit.part, unit.block, unit.runs, HiddenRowsOf(unit)));
  RETURN_IF_ERROR(block->CutRuns(unit.cuts));
  return std::unique_ptr<Block>(std::move(block));
}

std::unique_ptr<Block> StoredSelection::OpenMemtable(const MemUnit& unit) const {
  std::vector<MemRow> rows;
  std::vector<StreamRun> runs;
  for (const MemUnit::Run& run : unit.runs) {
    const auto begin = static_cast<uint32_t>(rows.size());
    const auto is_hidden = [&run](const MemRow& row) {
      const auto id = reinterpret_cast<uint64_t>(row.data);
      return run.hidden != nullptr &&
             std::binary_search(run.hidden->begin(), run.hidden->end(), id);
    };
    for (const MemRow& row : SortedRows(*run.rows, run.count, run.range, nullptr)) {
      if (!is_hidden(row)) rows.push_back(row);
    }
    const auto end = static_cast<uint32_t>(rows.size());
    if (end > begin) runs.push_back({run.stream, begin, end});
  }
  return std::make_unique<MemtableBlock>(std::move(rows), std::move(runs), snapshot_);
}

StatusOr<std::shared_ptr<const RowSet>> StoredSelection::PossibleBlocksOf(
    const std::shared_ptr<const Part>& part, const RequiredLiterals& required) const {
  const PrunedKey key(part->file_number(), KeyOf(required));
  {
    MutexLock lock(&pruned_mutex_);
    const auto found = pruned_.find(key);
    if (found != pruned_.end()) return found->second;
  }
  StatusOr<RowSet> blocks = PossibleBlocks(*part, required);
  if (absl::IsDataLoss(blocks.status())) {
    LogDamagedFilter(blocks.status());
    ASSIGN_OR_RETURN(const auto directory, part->Directory());
    blocks = RowSet(static_cast<uint32_t>(directory->size()), true);
  }
  RETURN_IF_ERROR(blocks.status());
  auto possible = std::make_shared<const RowSet>(*std::move(blocks));
  MutexLock lock(&pruned_mutex_);
  pruned_.try_emplace(key, possible);
  return possible;
}

StatusOr<bool> StoredSelection::MayMatch(size_t index,
                                         std::span<const RequiredLiterals* const> required) const {
  if (details_[index].part == nullptr) return true;
  const PartUnit& unit = *details_[index].part;
  for (const RequiredLiterals* literals : required) {
    if (literals->empty()) continue;
    ASSIGN_OR_RETURN(const auto blocks, PossibleBlocksOf(unit.part, *literals));
    if (unit.block >= blocks->size()) return DataLoss("filters and blocks of a part disagree");
    if (!blocks->Contains(static_cast<uint32_t>(unit.block))) return false;
  }
  return true;
}

StatusOr<bool> StoredSelection::MayHaveMetadata(size_t index,
                                                const RequiredMetadata& required) const {
  if (required.empty() || details_[index].part == nullptr) return true;
  const PartUnit& unit = *details_[index].part;
  const auto found = unit.part->MetadataPairs();
  if (absl::IsDataLoss(found.status())) {
    LogDamagedFilter(found.status());
    return true;
  }
  ASSIGN_OR_RETURN(const auto filter, found);
  if (unit.block >= filter->blocks()) return DataLoss("filters and blocks of a part disagree");
  const auto may_have = [&](const RequiredPair& pair) {
    if (filter->MayContain(unit.block, pair.name, pair.value)) return true;
    return std::any_of(unit.runs.begin(), unit.runs.end(), [&](const StreamRun& run) {
      return streams_[run.stream]->labels.Has(pair.name);
    });
  };
  return std::all_of(required.begin(), required.end(), [&](const auto& alternatives) {
    return std::any_of(alternatives.begin(), alternatives.end(), may_have);
  });
}

std::vector<uint32_t> StoredSelection::HiddenRowsOf(const PartUnit& unit) {
  std::vector<uint32_t> hidden;
  for (const PartUnit::Rows& rows : unit.hidden) {
    for (uint32_t row = rows.begin; row < rows.end; ++row) hidden.push_back(row);
  }
  if (unit.deleted != nullptr) unit.deleted->AddHidden(unit.block, &hidden);
  return hidden;
}

StatusOr<PartUnit> StoredSelection::CountWholeStreams(const PartUnit& unit,
                                                      Totalling* totalling) const {
  PartUnit rest;
  ASSIGN_OR_RETURN(const auto directory, unit.part->Directory());
  ASSIGN_OR_RETURN(const auto streams, unit.part->Streams());
  const uint64_t first_row = directory->block(unit.block).first_row;
  for (size_t i = 0; i < unit.runs.size(); ++i) {
    const StreamRun& run = unit.runs[i];
    const uint64_t row = first_row + run.begin;
    const uint32_t ordinal = streams->StreamOf(row);
    const StreamExtent& extent = streams->extent(ordinal);
    const std::optional<size_t> stretch = StretchOf(totalling->edges, extent);
    if (!unit.whole[i] || !stretch.has_value()) {
      rest.runs.push_back(run);
      rest.cuts.push_back(unit.cuts[i]);
      continue;
    }
    if (row != streams->first_row(ordinal)) continue;  // counted with its first run
    StreamTotals& total = totalling->At(run.stream, *stretch);
    total.rows += extent.rows;
    total.line_bytes += extent.line_bytes;
    total.bytes += extent.line_bytes + extent.metadata_bytes;
  }
  return rest;
}

StatusOr<std::unique_ptr<Block>> StoredSelection::OpenForTotals(size_t unit,
                                                                Totalling* totalling) const {
  const Detail& detail = details_[unit];
  if (detail.memtable != nullptr) return OpenMemtable(*detail.memtable);
  ASSIGN_OR_RETURN(PartUnit rest, CountWholeStreams(*detail.part, totalling));
  if (rest.runs.empty()) return nullptr;
  ASSIGN_OR_RETURN(auto block,
                   PartBlock::OpenForCounts(detail.part->part, detail.part->block,
                                            std::move(rest.runs), HiddenRowsOf(*detail.part)));
  RETURN_IF_ERROR(block->CutRuns(rest.cuts));
  return std::unique_ptr<Block>(std::move(block));
}

Status StoredSelection::AddTotals(size_t unit, const StopToken* stop, Totalling* totalling) const {
  if (stop != nullptr) RETURN_IF_ERROR(stop->Check());
  ASSIGN_OR_RETURN(const std::unique_ptr<Block> block, OpenForTotals(unit, totalling));
  if (block == nullptr) return absl::OkStatus();
  if (stop != nullptr) RETURN_IF_ERROR(stop->Spend(kTotallingWork));
  std::vector<Rank> ranks(totalling->edges.size());
  for (const StreamRun& run : block->runs()) {
    RETURN_IF_ERROR(block->RanksAt(run, totalling->edges, ranks));
    for (size_t i = 0; i + 1 < ranks.size(); ++i) {
      const uint64_t rows = ranks[i + 1].rows - ranks[i].rows;
      const uint64_t line_bytes = ranks[i + 1].line_bytes - ranks[i].line_bytes;
      StreamTotals& total = totalling->At(run.stream, i);
      total.rows += rows;
      total.line_bytes += line_bytes;
      total.bytes +=
          line_bytes + static_cast<uint64_t>(std::llround(metadata_bytes_per_row_[run.stream] *
                                                          static_cast<double>(rows)));
    }
  }
  return absl::OkStatus();
}

StatusOr<std::vector<StreamTotals>> StoredSelection::TotalsBetween(std::span<const int64_t> edges,
                                                                   const StopToken* stop) const {
  Totalling totalling{edges, std::vector<StreamTotals>(streams_.size() * (edges.size() - 1))};
  for (uint32_t stream = 0; stream < streams_.size(); ++stream) {
    for (size_t i = 0; i + 1 < edges.size(); ++i) totalling.At(stream, i).stream = stream;
  }
  for (size_t unit = 0; unit < units_.size(); ++unit) {
    RETURN_IF_ERROR(AddTotals(unit, stop, &totalling));
  }
  return std::move(totalling.totals);
}

StatusOr<std::vector<StreamTotals>> StoredSelection::Totals(const StopToken* stop) const {
  const std::array<int64_t, 2> edges{range_.begin, range_.end};
  return TotalsBetween(edges, stop);
}

}  // namespace skald::storage
