#include "storage/compact/part_cursor.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "storage/base/log.h"
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
  is_copied_ = false;
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
  return Note(OpenBlock(index));
}

Status PartCursor::Note(Status status) {
  is_unreadable_ = !status.ok() && !absl::IsCancelled(status);
  return status;
}

Status PartCursor::OpenBlock(size_t index) {
  const BlockInfo& info = directory_->block(index);
  ASSIGN_OR_RETURN(block_, PartBlock::Open(part_, index, {StreamRun{0, 0, info.rows}}, {}));
  ASSIGN_OR_RETURN(times_, block_->Timestamps());
  ASSIGN_OR_RETURN(const std::vector<uint32_t> dropped, sieve_->DroppedRows(part_, index));
  dropped_.Reset(dropped.empty() ? 0 : info.rows, false);
  for (const uint32_t row : dropped) dropped_.Add(row);
  has_lines_ = false;
  has_metadata_ = false;
  is_copied_ = false;
  block_index_ = index;
  block_first_ = info.first_row;
  block_end_ = info.first_row + info.rows;
  return absl::OkStatus();
}

Status PartCursor::DecodeLines() {
  if (has_lines_) return absl::OkStatus();
  std::vector<uint32_t> rows(block_->rows());
  std::iota(rows.begin(), rows.end(), 0);
  lines_.resize(rows.size());
  ASSIGN_OR_RETURN(LineColumn * column, block_->Lines());
  RETURN_IF_ERROR(column->Materialise(rows, std::span(lines_)));
  has_lines_ = true;
  return absl::OkStatus();
}

Status PartCursor::DecodeMetadata() {
  if (has_metadata_) return absl::OkStatus();
  columns_.clear();
  for (size_t i = 0; i < block_->metadata_names().size(); ++i) {
    ASSIGN_OR_RETURN(const StringColumn values, block_->Metadata(i));
    columns_.push_back(values);
  }
  has_metadata_ = true;
  return absl::OkStatus();
}

std::span<const LabelView> PartCursor::MetadataOf(uint64_t row) {
  metadata_.clear();
  for (size_t c = 0; c < columns_.size(); ++c) {
    const std::string_view value = columns_[c][row];
    if (!IsAbsent(value)) metadata_.push_back({block_->metadata_names()[c], value});
  }
  return metadata_;
}

StatusOr<PartRow> PartCursor::row() {
  if (!has_lines_ || !has_metadata_) {
    RETURN_IF_ERROR(Note(DecodeLines()));
    RETURN_IF_ERROR(Note(DecodeMetadata()));
  }
  const uint64_t i = row_ - block_first_;
  return PartRow{times_[i], lines_[i], MetadataOf(i)};
}

Status PartCursor::WriteRow(PartWriter* writer) {
  if (!is_copied_) {
    ASSIGN_OR_RETURN(const PartRow row, this->row());
    return writer->Add(row);
  }
  const uint64_t i = row_ - block_first_;
  writer->CountRow(times_[i], lengths_[i], MetadataOf(i));
  return absl::OkStatus();
}

PartCursor::BlockEnd PartCursor::block_end() const {
  return {streams_->Labels(streams_->StreamOf(block_end_ - 1), *index_), times_.back()};
}

StatusOr<bool> PartCursor::ShowsWholeBlock(
    absl::FunctionRef<StatusOr<bool>(const LabelSet&)> accepts) const {
  const BlockInfo& info = directory_->block(block_index_);
  if (!order_.empty() || !dropped_.empty()) return false;
  if (info.min_time < first_ || info.max_time > last_) return false;
  uint64_t row = block_first_;
  for (uint32_t stream = streams_->StreamOf(row); row < block_end_; ++stream) {
    const LabelSet labels = streams_->Labels(stream, *index_);
    if (times_[row - block_first_] < sieve_->CutOf(labels)) return false;
    ASSIGN_OR_RETURN(const bool is_accepted, accepts(labels));
    if (!is_accepted) return false;
    row = streams_->first_row(stream + 1);
  }
  return true;
}

StatusOr<BlockFill> PartCursor::MeasureBlock() {
  RETURN_IF_ERROR(DecodeMetadata());
  lengths_.resize(block_->rows());
  ASSIGN_OR_RETURN(LineColumn * column, block_->Lines());
  RETURN_IF_ERROR(column->Lengths(lengths_));
  BlockFill fill{0, lengths_.size(), columns_.size()};
  fill.raw_bytes = std::accumulate(lengths_.begin(), lengths_.end(), uint64_t{0});
  for (size_t c = 0; c < columns_.size(); ++c) {
    const size_t name_bytes = block_->metadata_names()[c].size();
    for (size_t row = 0; row < lengths_.size(); ++row) {
      const std::string_view value = columns_[c][row];
      if (!IsAbsent(value)) fill.raw_bytes += name_bytes + value.size();
    }
  }
  return fill;
}

StatusOr<std::optional<StoredBlock>> PartCursor::ReadStored() {
  if (!is_stored_usable_) return std::nullopt;
  Status status;
  if (stored_ == nullptr) {
    auto opened = StoredBlocks::Open(part_);
    status = opened.status();
    if (status.ok()) stored_ = *std::move(opened);
  }
  if (status.ok()) {
    auto block = stored_->Read(block_index_);
    if (!absl::IsDataLoss(block.status())) return block;
    status = block.status();
  }
  if (!absl::IsDataLoss(status)) return status;
  // What cannot be read of filters is made anew from the lines.
  SKALD_LOG(kWarn, "a part with a damaged filter is written again block by block",
            {{"part", file_number()}, {"err", Message(status)}});
  is_stored_usable_ = false;
  return std::nullopt;
}

StatusOr<bool> PartCursor::CopyBlock(PartWriter* writer) {
  const StatusOr<BlockFill> fill = MeasureBlock();
  RETURN_IF_ERROR(Note(fill.status()));
  if (!writer->Takes(*fill)) return false;
  ASSIGN_OR_RETURN(std::optional<StoredBlock> block, ReadStored());
  if (!block.has_value()) return false;
  RETURN_IF_ERROR(Note(writer->CopyBlock(*std::move(block))));
  is_copied_ = true;
  return true;
}

void PartCursor::NoteTimeAfter(int64_t time) {
  time_after_ = std::min(time_after_.value_or(time), time);
}

}  // namespace skald::storage
