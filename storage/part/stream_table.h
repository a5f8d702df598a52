// The stream table of a part: its streams in row order, with what pruning and counting need.
//
// Streams are sorted by (service_name, label text) and rows by stream, so a stream's rows are one
// contiguous range of the part's rows and need no column of their own.
//
//   varint  streams
//   per stream: varint labels, then per label a varint: the number of its value in the label index
//               minus that of the label before (the first: 0)
//   five columns of varints, a value per stream: rows, line bytes, metadata bytes, first time minus
//   the part's first, last time minus first
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/part/label_index.h"

namespace skald::storage {

// Order of streams within every part: by service_name, then by canonical text.
bool StreamOrderLess(std::string_view service_a, std::string_view text_a,
                     std::string_view service_b, std::string_view text_b);

// Totals of one stream in a part.
struct StreamExtent {
  uint64_t rows = 0;
  uint64_t line_bytes = 0;
  uint64_t metadata_bytes = 0;  // metadata_volume.h
  int64_t min_time = 0;
  int64_t max_time = 0;
};

// Threads: externally synchronised.
class StreamTableBuilder {
 public:
  // Adds the next stream, whose rows have all been written.
  void Add(const LabelSet& labels, const StreamExtent& extent);
  // Writes both sections. REQUIRES: at least one stream.
  void Finish(std::string* label_index, std::string* stream_table);

  size_t size() const { return extents_.size(); }
  int64_t min_time() const;

 private:
  LabelIndexBuilder index_;
  std::vector<uint32_t> refs_;      // of all streams, one after the other
  std::vector<uint32_t> ref_ends_;  // a stream's end in refs_
  std::vector<StreamExtent> extents_;
};

// Threads: immutable.
class StreamTable {
 public:
  // `part_min_time` is the smallest time of the part; `values` the label index's values().
  static StatusOr<std::unique_ptr<StreamTable>> Parse(std::string_view bytes, int64_t part_min_time,
                                                      size_t values);

  uint32_t size() const { return static_cast<uint32_t>(extents_.size()); }
  const StreamExtent& extent(uint32_t stream) const { return extents_[stream]; }
  // The first row of a stream, counted through the part; first_row(size()) is the part's rows.
  uint64_t first_row(uint32_t stream) const { return first_row_[stream]; }
  // The stream that holds a row. REQUIRES: row < rows of the part.
  uint32_t StreamOf(uint64_t row) const;

  LabelSet Labels(uint32_t stream, const LabelIndex& index) const;

  size_t charge() const;

 private:
  StreamTable() = default;
  std::vector<StreamExtent> extents_;
  std::vector<uint64_t> first_row_;
  std::vector<uint32_t> refs_;
  std::vector<uint32_t> first_ref_;
};

}  // namespace skald::storage
