// Writes one part file, front to back.
//
//   PartWriter writer(...);
//   for each stream, in StreamOrderLess order:
//     for each row, by (time, arrival):  writer.Add(row)
//     writer.EndStream(labels)
//   writer.Finish(properties)
//
// A block of another part, whose rows are the next ones of one or more streams, may be taken over
// as it is stored:
//
//   if (writer.Takes(fill)):
//     writer.CopyBlock(block)
//     for each of its rows:  writer.CountRow(...), and EndStream as above
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/model/ids.h"
#include "storage/model/labels.h"
#include "storage/part/block_builder.h"
#include "storage/part/block_directory.h"
#include "storage/part/page_writer.h"
#include "storage/part/part_format.h"
#include "storage/part/part_row.h"
#include "storage/part/stream_table.h"

namespace skald::storage {

// What the footer says besides what the rows determine.
struct PartProperties {
  std::string tenant;
  uint32_t level = 0;
  int32_t day = -1;
  uint32_t retention_class = 0;
  LogPosition log_first;
  LogPosition log_last;
  std::vector<uint64_t> replaces;
};

// What was written.
struct PartSummary {
  uint64_t rows = 0;
  uint64_t file_bytes = 0;
  int64_t min_time = 0;
  int64_t max_time = 0;
};

// After any error the writer is dead and the file is to be removed.
// Threads: externally synchronised.
class PartWriter {
 public:
  // `line_page_bytes` and `block_bytes`: raw sizes at which a line page and a block are closed.
  PartWriter(std::unique_ptr<WritableFile> file, CompressionEffort effort,
             uint32_t line_page_bytes = kLinePageRawBytes, uint32_t block_bytes = kBlockRawBytes);

  Status Add(const PartRow& row);
  // True if a block of another part that holds so much is to be taken over now (block_builder.h).
  bool Takes(const BlockFill& block) const { return block_.Takes(block); }
  // Writes a block of another part as it is stored. DataLoss: it cannot be read.
  Status CopyBlock(StoredBlock block);
  // Counts the next row of the copied block. REQUIRES: it has one that was not counted.
  void CountRow(int64_t time, uint64_t line_bytes, std::span<const LabelView> metadata);
  // The rows added and counted since the last call belong to this stream. REQUIRES: at least one
  // was.
  Status EndStream(const LabelSet& labels);
  // Writes sections and footer, syncs and closes the file. REQUIRES: at least one stream.
  StatusOr<PartSummary> Finish(const PartProperties& properties);

 private:
  // Writes what comes before the first page.
  Status Begin();
  Status FinishBlock();
  Status WriteFooter(const PartProperties& properties);
  // Adds to the open stream's metadata bytes, and keeps the pairs for the row after.
  void CountMetadata(std::span<const LabelView> pairs);

  PageWriter pages_;
  BlockBuilder block_;
  BlockDirectory directory_;
  StreamTableBuilder streams_;
  StreamExtent extent_;            // of the open stream
  std::vector<LabelView> before_;  // pairs of its last row, in before_text_
  std::string before_text_;
  uint64_t rows_ = 0;
  uint64_t line_bytes_ = 0;
  uint64_t metadata_bytes_ = 0;
  int64_t min_time_ = 0;
  int64_t max_time_ = 0;
};

}  // namespace skald::storage
