// Writes one part file, front to back.
//
//   PartWriter writer(...);
//   for each stream, in StreamOrderLess order:
//     for each row, by (time, arrival):  writer.Add(row)
//     writer.EndStream(labels)
//   writer.Finish(properties)
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
  // `line_page_bytes`: raw size at which a line page is closed.
  PartWriter(std::unique_ptr<WritableFile> file, CompressionEffort effort,
             uint32_t line_page_bytes = kLinePageRawBytes);

  Status Add(const PartRow& row);
  // The rows added since the last call belong to this stream. REQUIRES: at least one was.
  Status EndStream(const LabelSet& labels);
  // Writes sections and footer, syncs and closes the file. REQUIRES: at least one stream.
  StatusOr<PartSummary> Finish(const PartProperties& properties);

  // Written so far.
  uint64_t rows() const { return rows_; }

 private:
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
