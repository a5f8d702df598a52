#include "storage/memtable/insert_size.h"

#include "storage/memtable/memtable.h"
#include "storage/memtable/row_metadata.h"

namespace skald::storage {
namespace {

// Of `row` behind `before` (null: it is the first).
uint64_t SizeOf(const Row& row, const Row* before) {
  const uint64_t size = sizeof(MemRow) + row.line.size() + 1;
  const bool shares = before != nullptr && SameRowMetadata(row, *before);
  return size + (shares ? MemRow::kLeastShared : RowMetadataSize(row));
}

uint64_t SizeOf(std::span<const Row> rows) {
  uint64_t size = 0;
  const Row* before = nullptr;
  for (const Row& row : rows) {
    size += SizeOf(row, before);
    before = &row;
  }
  return size;
}

}  // namespace

uint64_t InsertSize(std::span<const StreamRows> streams) {
  uint64_t size = 0;
  for (const StreamRows& stream : streams) size += SizeOf(stream.rows);
  return size;
}

Status ForEachPiece(std::span<const StreamRows> streams, uint64_t bytes,
                    absl::FunctionRef<Status(std::span<const StreamRows>)> insert) {
  std::vector<StreamRows> piece;
  uint64_t size = 0;
  for (const StreamRows& stream : streams) {
    size_t begin = 0;
    for (size_t i = 0; i < stream.rows.size(); ++i) {
      const uint64_t added = SizeOf(stream.rows[i], i == begin ? nullptr : &stream.rows[i - 1]);
      if (size > 0 && size + added > bytes) {
        if (i > begin) piece.push_back({stream.stream, stream.rows.subspan(begin, i - begin)});
        RETURN_IF_ERROR(insert(piece));
        piece.clear();
        begin = i;
        size = SizeOf(stream.rows[i], nullptr);
      } else {
        size += added;
      }
    }
    piece.push_back({stream.stream, stream.rows.subspan(begin)});
  }
  return size > 0 ? insert(piece) : absl::OkStatus();
}

}  // namespace skald::storage
