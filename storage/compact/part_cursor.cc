#include "storage/compact/part_cursor.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace skald::storage {

StatusOr<std::unique_ptr<PartCursor>> PartCursor::Open(std::shared_ptr<const Part> part, Pace* pace,
                                                       RowSieve* sieve) {
  std::unique_ptr<PartCursor> cursor(new PartCursor(std::move(part), pace, sieve));
  ASSIGN_OR_RETURN(cursor->directory_, cursor->part_->Directory());
  ASSIGN_OR_RETURN(cursor->streams_, cursor->part_->Streams());
  ASSIGN_OR_RETURN(cursor->index_, cursor->part_->Index());
  return cursor;
}

Status PartCursor::Start(int64_t first, int64_t last) {
  first_ = first;
  last_ = last;
  time_after_.reset();
  ordinal_ = 0;
  return FindStream();
}

Status PartCursor::NextStream() {
  ++ordinal_;
  return FindStream();
}

Status PartCursor::FindStream() {
  for (; !at_end(); ++ordinal_) {
    const StreamExtent& extent = streams_->extent(ordinal_);
    if (extent.min_time > last_) NoteTimeAfter(extent.min_time);
    if (extent.min_time > last_ || extent.max_time < first_) continue;
    labels_ = streams_->Labels(ordinal_, *index_);
    from_ = std::max(first_, sieve_->CutOf(labels_));
    row_ = streams_->first_row(ordinal_);
    stream_end_ = streams_->first_row(ordinal_ + 1);
    RETURN_IF_ERROR(FindRow());
    if (!has_row()) continue;
    service_ = labels_.Get("service_name");
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

Status PartCursor::FindRow() {
  while (row_ < stream_end_) {
    const size_t index = directory_->BlocksOfRows(row_, row_ + 1).first;
    const BlockInfo& info = directory_->block(index);
    const uint64_t end = std::min(stream_end_, info.first_row + info.rows);
    if (info.max_time < from_) {
      row_ = end;
      continue;
    }
    RETURN_IF_ERROR(LoadBlock(index));
    const auto begin = times_.begin() + static_cast<ptrdiff_t>(row_ - block_first_);
    const auto stop = times_.begin() + static_cast<ptrdiff_t>(end - block_first_);
    const auto found = std::lower_bound(begin, stop, from_);
    row_ += static_cast<uint64_t>(found - begin);
    while (row_ < end && is_dropped()) ++row_;
    if (row_ == end) continue;
    if (time() > last_) {
      NoteTimeAfter(time());
      row_ = stream_end_;
    }
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

Status PartCursor::NextRow() {
  ++row_;
  if (row_ == stream_end_) return absl::OkStatus();
  if (row_ == block_end_ || is_dropped()) return FindRow();
  if (time() > last_) {
    NoteTimeAfter(time());
    row_ = stream_end_;
  }
  return absl::OkStatus();
}

Status PartCursor::LoadBlock(size_t index) {
  if (index == block_index_) return absl::OkStatus();
  RETURN_IF_ERROR(pace_->BetweenBlocks());
  const BlockInfo& info = directory_->block(index);
  block_index_ = kNoBlock;
  ASSIGN_OR_RETURN(block_, PartBlock::Open(part_, index, {StreamRun{0, 0, info.rows}}, {}));
  ASSIGN_OR_RETURN(times_, block_->Timestamps());
  ASSIGN_OR_RETURN(const std::vector<uint32_t> dropped, sieve_->DroppedRows(part_, index));
  dropped_.Reset(dropped.empty() ? 0 : info.rows, false);
  for (const uint32_t row : dropped) dropped_.Add(row);
  std::vector<uint32_t> rows(info.rows);
  std::iota(rows.begin(), rows.end(), 0);
  lines_.resize(info.rows);
  ASSIGN_OR_RETURN(LineColumn * column, block_->Lines());
  RETURN_IF_ERROR(column->Materialise(rows, std::span(lines_)));
  columns_.clear();
  for (size_t i = 0; i < block_->metadata_names().size(); ++i) {
    ASSIGN_OR_RETURN(const StringColumn values, block_->Metadata(i));
    columns_.push_back(values);
  }
  block_index_ = index;
  block_first_ = info.first_row;
  block_end_ = info.first_row + info.rows;
  return absl::OkStatus();
}

PartRow PartCursor::row() {
  const uint64_t i = row_ - block_first_;
  metadata_.clear();
  for (size_t c = 0; c < columns_.size(); ++c) {
    const std::string_view value = columns_[c][i];
    if (!IsAbsent(value)) metadata_.push_back({block_->metadata_names()[c], value});
  }
  return {times_[i], lines_[i], metadata_};
}

void PartCursor::NoteTimeAfter(int64_t time) {
  time_after_ = std::min(time_after_.value_or(time), time);
}

}  // namespace skald::storage
