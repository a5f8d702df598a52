#include "storage/source_rows.h"

#include <algorithm>
#include <utility>

#include "storage/base/hash.h"
#include "storage/memtable/memtable_block.h"
#include "storage/memtable/sorted_rows.h"
#include "storage/model/row.h"
#include "storage/part/part_block.h"

namespace skald::storage {

StatusOr<SourceRows> SourceRows::OfPart(std::shared_ptr<const Part> part, uint32_t ordinal,
                                        TimeRange range) {
  SourceRows result;
  ASSIGN_OR_RETURN(const auto directory, part->Directory());
  ASSIGN_OR_RETURN(const auto streams, part->Streams());
  const uint64_t first = streams->first_row(ordinal);
  const uint64_t last = streams->first_row(ordinal + 1);
  const auto [first_block, last_block] = directory->BlocksOfRows(first, last);
  for (size_t i = first_block; i < last_block; ++i) {
    const BlockInfo& info = directory->block(i);
    if (!range.Overlaps(info.min_time, info.max_time)) continue;
    const StreamRun run{
        0, static_cast<uint32_t>(std::max(first, info.first_row) - info.first_row),
        static_cast<uint32_t>(std::min(last - info.first_row, uint64_t{info.rows}))};
    ASSIGN_OR_RETURN(std::unique_ptr<PartBlock> block, PartBlock::Open(part, i, {run}, {}));
    RowSet rows;
    RETURN_IF_ERROR(block->SelectRows(range, &rows));
    if (rows.empty()) continue;
    ASSIGN_OR_RETURN(const std::span<const int64_t> times, block->Timestamps());
    Piece piece{std::move(block), result.size(), 0};
    rows.ForEach([&](uint32_t row) {
      result.times_.push_back(times[row]);
      result.ids_.push_back(info.first_row + row - first);
      result.block_rows_.push_back(row);
    });
    piece.last = result.size();
    result.pieces_.push_back(std::move(piece));
  }
  return result;
}

SourceRows SourceRows::OfMemtable(const MemStream& stream, uint32_t count, TimeRange range) {
  SourceRows result;
  std::vector<MemRow> rows = SortedRows(stream, count, range, nullptr);
  for (uint32_t i = 0; i < rows.size(); ++i) {
    result.times_.push_back(rows[i].time);
    result.ids_.push_back(reinterpret_cast<uint64_t>(rows[i].data));
    result.block_rows_.push_back(i);
  }
  const auto kept = static_cast<uint32_t>(rows.size());
  auto block = std::make_unique<MemtableBlock>(
      std::move(rows), std::vector<StreamRun>{StreamRun{0, 0, kept}}, nullptr);
  result.pieces_.push_back({std::move(block), 0, kept});
  return result;
}

Status SourceRows::LoadPiece(const Piece& piece, const std::vector<uint32_t>& indexes) {
  const auto first = std::lower_bound(indexes.begin(), indexes.end(), piece.first);
  const auto last = std::lower_bound(first, indexes.end(), piece.last);
  if (first == last) return absl::OkStatus();
  std::vector<uint32_t> rows;
  for (auto i = first; i != last; ++i) rows.push_back(block_rows_[*i]);
  std::vector<std::string_view> lines(rows.size());
  ASSIGN_OR_RETURN(LineColumn * column, piece.block->Lines());
  RETURN_IF_ERROR(column->Materialise(rows, std::span(lines)));
  for (size_t k = 0; k < rows.size(); ++k) {
    contents_[first[static_cast<ptrdiff_t>(k)] - contents_begin_].line = lines[k];
  }

  const std::span<const std::string_view> names = piece.block->metadata_names();
  for (size_t c = 0; c < names.size(); ++c) {
    if (names[c] == kDetectedLevel) continue;
    ASSIGN_OR_RETURN(const StringColumn values, piece.block->Metadata(c));
    for (size_t k = 0; k < rows.size(); ++k) {
      const std::string_view value = values[rows[k]];
      if (IsAbsent(value)) continue;
      const size_t at = first[static_cast<ptrdiff_t>(k)] - contents_begin_;
      contents_[at].metadata.push_back({names[c], value});
    }
  }
  return absl::OkStatus();
}

size_t SourceRows::BlockOf(size_t i) const {
  const auto after = std::upper_bound(pieces_.begin(), pieces_.end(), i,
                                      [](size_t row, const Piece& p) { return row < p.first; });
  return static_cast<size_t>(after - pieces_.begin()) - 1;
}

Status SourceRows::LoadContents(const std::vector<uint32_t>& indexes) {
  contents_begin_ = indexes.front();
  contents_.clear();
  contents_.resize(indexes.back() + size_t{1} - contents_begin_);
  for (Piece& piece : pieces_) {
    if (piece.last <= contents_begin_) {
      piece.block.reset();
    } else {
      RETURN_IF_ERROR(LoadPiece(piece, indexes));
    }
  }
  return absl::OkStatus();
}

bool SourceRows::Equal(const SourceRows& a, size_t i, const SourceRows& b, size_t k) {
  return a.content(i).line == b.content(k).line && a.content(i).metadata == b.content(k).metadata;
}

uint64_t SourceRows::HashOf(size_t i) const {
  uint64_t hash = Hash64(content(i).line);
  for (const LabelView& pair : content(i).metadata) {
    hash = Hash64(pair.value, Hash64(pair.name, hash));
  }
  return hash;
}

}  // namespace skald::storage
