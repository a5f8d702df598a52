// Merges parts into one: streams in part order, rows by (time, arrival), copies of a row dropped.
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

// Holds one decoded block an input, whatever the inputs' sizes. Rows of one stream and one time are
// told apart by a 128-bit hash of line and metadata, detected_level left out: the copy in the
// earliest input stays, as in storage/duplicates.h.
// Threads: externally synchronised.
class PartMerger {
 public:
  // `inputs` in arrival order.
  explicit PartMerger(std::vector<std::unique_ptr<PartCursor>> inputs)
      : cursors_(std::move(inputs)) {}

  // Gives the writer that takes a stream's rows.
  using WriterOf = absl::FunctionRef<StatusOr<PartWriter*>(const LabelSet&)>;

  // Writes all rows with first <= time <= last that the sieve lets through. Returns a time such
  // that no such row lies between `last` and it, or nullopt: there are none after `last`.
  StatusOr<std::optional<int64_t>> Merge(int64_t first, int64_t last, WriterOf writer_of);

  // The file number of the input whose bytes made Merge fail, if it was one's.
  std::optional<uint64_t> damaged() const;

 private:
  // Writes the stream that is next in part order.
  Status MergeStream(WriterOf writer_of);
  // Writes the rows of one stream; every cursor stands on one.
  Status WriteRows(std::vector<PartCursor*> open, PartWriter* writer);
  // Writes the rows of one time that several inputs have.
  Status WriteTime(int64_t time, const std::vector<PartCursor*>& sources, PartWriter* writer);
  Hash128Value HashOf(const PartRow& row);

  const std::vector<std::unique_ptr<PartCursor>> cursors_;
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> seen_;
  std::string scratch_;
};

}  // namespace skald::storage
