#include "storage/select/shown_streams.h"

#include <algorithm>

namespace skald::storage {

void ShownStreams::LookAt(size_t block) {
  if (block == block_) return;
  block_ = block;
  hidden_of_block_ = hidden_.OfBlock(block);
  open_.reset();
}

StatusOr<std::span<const int64_t>> ShownStreams::Times() {
  if (open_ == nullptr) {
    ASSIGN_OR_RETURN(open_, PartBlock::Open(part_, block_, {}, {}));
  }
  return open_->Timestamps();
}

bool ShownStreams::ShowsRow(uint32_t row) const {
  return std::none_of(hidden_of_block_.begin(), hidden_of_block_.end(),
                      [row](const RowSet* rows) { return rows->Contains(row); });
}

StatusOr<bool> ShownStreams::Shows(uint32_t ordinal, TimeRange range) {
  ASSIGN_OR_RETURN(const auto directory, part_->Directory());
  ASSIGN_OR_RETURN(const auto streams, part_->Streams());
  const StreamExtent& extent = streams->extent(ordinal);
  const bool needs_times = !range.Covers(extent.min_time, extent.max_time);
  const uint64_t first = streams->first_row(ordinal);
  const uint64_t last = streams->first_row(ordinal + 1);
  const auto [block_begin, block_end] = directory->BlocksOfRows(first, last);
  for (size_t i = block_begin; i < block_end; ++i) {
    const BlockInfo& info = directory->block(i);
    if (!range.Overlaps(info.min_time, info.max_time)) continue;
    LookAt(i);
    auto begin = static_cast<uint32_t>(std::max(first, info.first_row) - info.first_row);
    auto end = static_cast<uint32_t>(std::min(last - info.first_row, uint64_t{info.rows}));
    if (needs_times) {
      ASSIGN_OR_RETURN(const auto times, Times());
      const auto run = times.subspan(begin, end - begin);
      const auto from = std::lower_bound(run.begin(), run.end(), range.begin);
      const auto to = std::lower_bound(from, run.end(), range.end);
      begin = static_cast<uint32_t>(from - times.begin());
      end = static_cast<uint32_t>(to - times.begin());
    }
    for (uint32_t row = begin; row < end; ++row) {
      if (ShowsRow(row)) return true;
    }
  }
  return false;
}

}  // namespace skald::storage
