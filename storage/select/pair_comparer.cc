#include "storage/select/pair_comparer.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/memtable/sorted_rows.h"

namespace skald::storage {
namespace {

TimeRange RangeOf(TimeSpan span) {
  const bool is_last = span.last == std::numeric_limits<int64_t>::max();
  return {span.first, is_last ? span.last : span.last + 1};
}

}  // namespace

StatusOr<std::vector<size_t>> OpenSourceBlock::BlocksIn(const StreamSource& source,
                                                        TimeSpan span) const {
  std::vector<size_t> blocks;
  if (source.memtable != nullptr) {
    blocks.push_back(0);
    return blocks;
  }
  const PartPtr& part = snapshot_.parts()[source.arrival];
  ASSIGN_OR_RETURN(const auto directory, part->Directory());
  ASSIGN_OR_RETURN(const auto streams, part->Streams());
  const auto [begin, end] = directory->BlocksOfRows(streams->first_row(source.ordinal),
                                                    streams->first_row(source.ordinal + 1));
  for (size_t i = begin; i < end; ++i) {
    const BlockInfo& info = directory->block(i);
    if (span.first <= info.max_time && info.min_time <= span.last) blocks.push_back(i);
  }
  return blocks;
}

StatusOr<SourceRows> OpenSourceBlock::Rows(const StreamSource& source, size_t block,
                                           TimeSpan span) {
  if (source.memtable != nullptr) return MemRows(source, span);
  return PartRows(source, block, span);
}

StatusOr<SourceRows> OpenSourceBlock::PartRows(const StreamSource& source, size_t block,
                                               TimeSpan span) {
  const PartPtr& part = snapshot_.parts()[source.arrival];
  ASSIGN_OR_RETURN(const auto directory, part->Directory());
  ASSIGN_OR_RETURN(const auto streams, part->Streams());
  const BlockInfo& info = directory->block(block);
  if (arrival_ != source.arrival || index_ != block) {
    arrival_ = kNone;
    memory_.Release();
    ASSIGN_OR_RETURN(part_block_, PartBlock::Open(part, block, {StreamRun{0, 0, info.rows}}, {}));
    arrival_ = source.arrival;
    index_ = block;
  }
  const uint64_t first = streams->first_row(source.ordinal);
  const uint64_t begin = std::max(first, info.first_row);
  const uint64_t end = std::min(streams->first_row(source.ordinal + 1), info.first_row + info.rows);
  const StreamRun run{0, static_cast<uint32_t>(begin - info.first_row),
                      static_cast<uint32_t>(end - info.first_row)};
  ASSIGN_OR_RETURN(const auto within, part_block_->RowsBetween(run, span.first, span.last));
  ASSIGN_OR_RETURN(const auto times, part_block_->TimestampsOf(within.first, within.second));
  return SourceRows(part_block_.get(), times, within.first, info.first_row + within.first - first,
                    &memory_);
}

SourceRows OpenSourceBlock::MemRows(const StreamSource& source, TimeSpan span) {
  arrival_ = kNone;
  memory_.Release();
  times_.clear();
  ids_.clear();
  std::vector<MemRow> rows = SortedRows(*source.memtable, source.mem_rows, RangeOf(span), nullptr);
  for (const MemRow& row : rows) {
    times_.push_back(row.time);
    ids_.push_back(reinterpret_cast<uint64_t>(row.data));
  }
  const StreamRun run{0, 0, static_cast<uint32_t>(rows.size())};
  mem_block_ =
      std::make_unique<MemtableBlock>(std::move(rows), std::vector<StreamRun>{run}, nullptr);
  return SourceRows(mem_block_.get(), times_, 0, ids_, &memory_);
}

Status PairComparer::Compare(const StreamSource& earlier, const StreamSource& later, TimeSpan span,
                             std::vector<DuplicateRun>* copies) {
  ASSIGN_OR_RETURN(const std::vector<size_t> later_blocks, later_.BlocksIn(later, span));
  for (const size_t later_block : later_blocks) {
    ASSIGN_OR_RETURN(SourceRows of_later, later_.Rows(later, later_block, span));
    if (of_later.size() == 0) continue;
    const TimeSpan common{of_later.times().front(), of_later.times().back()};
    ASSIGN_OR_RETURN(const std::vector<size_t> earlier_blocks, earlier_.BlocksIn(earlier, common));
    for (const size_t earlier_block : earlier_blocks) {
      ASSIGN_OR_RETURN(SourceRows of_earlier, earlier_.Rows(earlier, earlier_block, common));
      RETURN_IF_ERROR(FindDuplicates(&of_earlier, &of_later, copies));
    }
  }
  return absl::OkStatus();
}

}  // namespace skald::storage
