#include "storage/compact/part_merger.h"

#include <algorithm>
#include <span>
#include <utility>

#include "storage/base/coding.h"
#include "storage/model/row.h"

namespace skald::storage {
namespace {

bool StreamLess(const PartCursor& a, const PartCursor& b) {
  return StreamOrderLess(a.service(), a.text(), b.service(), b.text());
}

// True if the cursor's row comes after the end of another part's block.
bool ComesAfter(const PartCursor& cursor, const PartCursor::BlockEnd& end) {
  if (cursor.text() == end.labels.text()) return cursor.time() > end.time;
  return StreamOrderLess(end.labels.Get("service_name"), end.labels.text(), cursor.service(),
                         cursor.text());
}

}  // namespace

StatusOr<std::optional<int64_t>> PartMerger::Merge(int64_t first, int64_t last,
                                                   WriterOf writer_of) {
  for (const auto& cursor : cursors_) RETURN_IF_ERROR(cursor->Start(first, last));
  const auto has_stream = [](const auto& cursor) { return !cursor->at_end(); };
  while (std::any_of(cursors_.begin(), cursors_.end(), has_stream)) {
    RETURN_IF_ERROR(MergeStream(writer_of));
  }
  std::optional<int64_t> after;
  for (const auto& cursor : cursors_) {
    const std::optional<int64_t> found = cursor->time_after();
    if (found.has_value()) after = std::min(after.value_or(*found), *found);
  }
  return after;
}

std::optional<uint64_t> PartMerger::unreadable() const {
  for (const auto& cursor : cursors_) {
    if (cursor->is_unreadable()) return cursor->file_number();
  }
  return std::nullopt;
}

Status PartMerger::MergeStream(WriterOf writer_of) {
  const PartCursor* first = nullptr;
  for (const auto& cursor : cursors_) {
    if (cursor->at_end()) continue;
    if (first == nullptr || StreamLess(*cursor, *first)) first = cursor.get();
  }
  const LabelSet labels = first->labels();
  ASSIGN_OR_RETURN(PartWriter* const writer, writer_of(labels));
  std::vector<PartCursor*> cursors;
  for (const auto& cursor : cursors_) {
    if (!cursor->at_end() && cursor->text() == first->text()) cursors.push_back(cursor.get());
  }
  RETURN_IF_ERROR(WriteRows(std::move(cursors), writer, writer_of));
  return writer->EndStream(labels);
}

Status PartMerger::WriteRows(std::vector<PartCursor*> open, PartWriter* writer,
                             WriterOf writer_of) {
  std::vector<PartCursor*> at_time;
  while (!open.empty()) {
    PartCursor* earliest = open.front();
    std::optional<int64_t> others;  // the earliest time of the others
    for (PartCursor* cursor : std::span(open).subspan(1)) {
      PartCursor* later = cursor;
      if (cursor->time() < earliest->time()) std::swap(earliest, later);
      others = std::min(others.value_or(later->time()), later->time());
    }
    // As a rule one input has many rows before another has one.
    if (!others.has_value() || earliest->time() < *others) {
      while (earliest->has_row() && (!others.has_value() || earliest->time() < *others)) {
        if (earliest->at_block_start()) {
          RETURN_IF_ERROR(CopyBlock(earliest, writer, writer_of));
        }
        RETURN_IF_ERROR(earliest->WriteRow(writer));
        RETURN_IF_ERROR(earliest->NextRow());
      }
    } else {
      at_time.clear();
      for (PartCursor* cursor : open) {
        if (cursor->time() == *others) at_time.push_back(cursor);
      }
      RETURN_IF_ERROR(WriteTime(*others, at_time, writer));
    }
    size_t kept = 0;
    for (PartCursor* cursor : open) {
      if (cursor->has_row()) {
        open[kept++] = cursor;
      } else {
        RETURN_IF_ERROR(cursor->NextStream());
      }
    }
    open.resize(kept);
  }
  return absl::OkStatus();
}

Status PartMerger::CopyBlock(PartCursor* cursor, PartWriter* writer, WriterOf writer_of) {
  if (cursor->level() != copied_level_) return absl::OkStatus();
  const PartCursor::BlockEnd end = cursor->block_end();
  for (const auto& other : cursors_) {
    const bool is_after = other.get() == cursor || other->at_end() || ComesAfter(*other, end);
    if (!is_after) return absl::OkStatus();
  }
  const auto is_for_writer = [&](const LabelSet& labels) -> StatusOr<bool> {
    ASSIGN_OR_RETURN(const PartWriter* const other, writer_of(labels));
    return other == writer;
  };
  ASSIGN_OR_RETURN(const bool is_whole, cursor->ShowsWholeBlock(is_for_writer));
  if (!is_whole) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool is_copied, cursor->CopyBlock(writer));
  if (is_copied) ++blocks_copied_;
  return absl::OkStatus();
}

Status PartMerger::WriteTime(int64_t time, const std::vector<PartCursor*>& sources,
                             PartWriter* writer) {
  seen_.clear();
  for (PartCursor* source : sources) {
    while (source->has_row() && source->time() == time) {
      ASSIGN_OR_RETURN(const PartRow row, source->row());
      const Hash128Value hash = HashOf(row);
      if (seen_.insert({hash.high, hash.low}).second) RETURN_IF_ERROR(writer->Add(row));
      RETURN_IF_ERROR(source->NextRow());
    }
  }
  return absl::OkStatus();
}

Hash128Value PartMerger::HashOf(const PartRow& row) {
  scratch_.clear();
  PutLengthPrefixed(&scratch_, row.line);
  for (const LabelView& pair : row.metadata) {
    if (pair.name == kDetectedLevel) continue;
    PutLengthPrefixed(&scratch_, pair.name);
    PutLengthPrefixed(&scratch_, pair.value);
  }
  return Hash128(scratch_);
}

}  // namespace skald::storage
