#include "storage/compact/part_cursor.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "storage/model/label_name.h"

namespace skald::storage {
namespace {

// The streams of a part in StreamOrderLess order; empty if they lie in it. Parts of servers that
// quoted no names have their streams in another order if some name needs quotes.
std::vector<uint32_t> OrderOf(const StreamTable& streams, const LabelIndex& index) {
  size_t plain = 0;
  while (plain < index.names() && IsPlainLabelName(index.name(plain))) ++plain;
  if (plain == index.names()) return {};
  std::vector<LabelSet> labels;
  labels.reserve(streams.size());
  for (uint32_t i = 0; i < streams.size(); ++i) labels.push_back(streams.Labels(i, index));
  const auto less = [&](uint32_t a, uint32_t b) {
    return StreamOrderLess(labels[a].Get("service_name"), labels[a].text(),
                           labels[b].Get("service_name"), labels[b].text());
  };
  std::vector<uint32_t> order(streams.size());
  std::iota(order.begin(), order.end(), 0);
  if (std::is_sorted(order.begin(), order.end(), less)) return {};
  std::sort(order.begin(), order.end(), less);
  return order;
}

}  // namespace

StatusOr<std::unique_ptr<PartCursor>> PartCursor::Open(std::shared_ptr<const Part> part, Pace* pace,
                                                       RowSieve* sieve) {
  std::unique_ptr<PartCursor> cursor(new PartCursor(std::move(part), pace, sieve));
  ASSIGN_OR_RETURN(cursor->directory_, cursor->part_->Directory());
  ASSIGN_OR_RETURN(cursor->streams_, cursor->part_->Streams());
  ASSIGN_OR_RETURN(cursor->index_, cursor->part_->Index());
  cursor->order_ = OrderOf(*cursor->streams_, *cursor->index_);
  return cursor;
}

Status PartCursor::Start(int64_t first, int64_t last) {
  first_ = first;
  last_ = last;
  time_after_.reset();
  place_ = 0;
  return FindStream();
}

Status PartCursor::NextStream() {
  ++place_;
  return FindStream();
}

Status PartCursor::FindStream() {
  for (; !at_end(); ++place_) {
    const StreamExtent& extent = streams_->extent(stream());
    if (extent.min_time > last_) NoteTimeAfter(extent.min_time);
    if (extent.min_time > last_ || extent.max_time < first_) continue;
    labels_ = streams_->Labels(stream(), *index_);
    from_ = std::max(first_, sieve_->CutOf(labels_));
    row_ = streams_->first_row(stream());
    stream_end_ = streams_->first_row(stream() + 1);
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
  block_index_ = kNoBlock;
  const Status status = DecodeBlock(index);
  is_damaged_ = absl::IsDataLoss(status);
  return status;
}

Status PartCursor::DecodeBlock(size_t index) {
  const BlockInfo& info = directory_->block(index);
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
