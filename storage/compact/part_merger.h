// Merges parts into one: streams in part order, rows by (time, arrival), copies of a row dropped.
//
// A block of which no row is dropped, whose streams all go to one writer, and between whose rows no
// other input has one, may be copied as it is stored: its pages with their checksums, its filters,
// and what the directory says of it. Only what the stream table counts is counted again, from the
// block's times, lengths and metadata; lines are not decoded. That is for inputs of the outputs'
// level, whose pages are made alike; block_builder.h says when a copy is not worth it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "storage/base/hash.h"
#include "storage/base/status.h"
#include "storage/compact/pace.h"
#include "storage/compact/part_cursor.h"
#include "storage/part/part_writer.h"

namespace skald::storage {

// Holds one decoded block an input, whatever the inputs' sizes; of those that are copied from also
// what StoredBlocks holds. Rows of one stream and one time are
// told apart by a 128-bit hash of line and metadata, detected_level left out: the copy in the
// earliest input stays, as in storage/select/duplicates.h.
// Threads: externally synchronised.
class PartMerger {
 public:
  // `inputs` in arrival order. Blocks are copied from those of `copied_level`; nullopt: from none.
  PartMerger(std::vector<std::unique_ptr<PartCursor>> inputs, std::optional<uint32_t> copied_level)
      : cursors_(std::move(inputs)), copied_level_(copied_level) {}

  // Gives the writer that takes a stream's rows.
  using WriterOf = absl::FunctionRef<StatusOr<PartWriter*>(const LabelSet&)>;

  // Writes all rows with first <= time <= last that the sieve lets through. Returns a time such
  // that no such row lies between `last` and it, or nullopt: there are none after `last`.
  StatusOr<std::optional<int64_t>> Merge(int64_t first, int64_t last, WriterOf writer_of);

  // The file number of the input that could not be read and made Merge fail, if that was it.
  std::optional<uint64_t> unreadable() const;

  uint64_t blocks_copied() const { return blocks_copied_; }

 private:
  // Writes the stream that is next in part order.
  Status MergeStream(WriterOf writer_of);
  // Writes the rows of one stream; every cursor stands on one, and then on its next stream.
  Status WriteRows(std::vector<PartCursor*> open, PartWriter* writer, WriterOf writer_of);
  // Copies the block that begins with the cursor's row to `writer`, if that can be done.
  Status CopyBlock(PartCursor* cursor, PartWriter* writer, WriterOf writer_of);
  // Writes the rows of one time that several inputs have.
  Status WriteTime(int64_t time, const std::vector<PartCursor*>& sources, PartWriter* writer);
  Hash128Value HashOf(const PartRow& row);

  const std::vector<std::unique_ptr<PartCursor>> cursors_;
  const std::optional<uint32_t> copied_level_;
  uint64_t blocks_copied_ = 0;
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> seen_;
  std::string scratch_;
};

}  // namespace skald::storage
