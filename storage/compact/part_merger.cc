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

std::optional<uint64_t> PartMerger::damaged() const {
  for (const auto& cursor : cursors_) {
    if (cursor->is_damaged()) return cursor->file_number();
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
  RETURN_IF_ERROR(WriteRows(cursors, writer));
  RETURN_IF_ERROR(writer->EndStream(labels));
  for (PartCursor* cursor : cursors) RETURN_IF_ERROR(cursor->NextStream());
  return absl::OkStatus();
}

Status PartMerger::WriteRows(std::vector<PartCursor*> open, PartWriter* writer) {
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
        RETURN_IF_ERROR(writer->Add(earliest->row()));
        RETURN_IF_ERROR(earliest->NextRow());
      }
    } else {
      at_time.clear();
      for (PartCursor* cursor : open) {
        if (cursor->time() == *others) at_time.push_back(cursor);
      }
      RETURN_IF_ERROR(WriteTime(*others, at_time, writer));
    }
    std::erase_if(open, [](const PartCursor* cursor) { return !cursor->has_row(); });
  }
  return absl::OkStatus();
}

Status PartMerger::WriteTime(int64_t time, const std::vector<PartCursor*>& sources,
                             PartWriter* writer) {
  seen_.clear();
  for (PartCursor* source : sources) {
    while (source->has_row() && source->time() == time) {
      const PartRow row = source->row();
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
