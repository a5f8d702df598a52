// Walks the rows of one part in their order, a decoded block at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/compact/pace.h"
#include "storage/compact/row_sieve.h"
#include "storage/model/labels.h"
#include "storage/part/part.h"
#include "storage/part/part_block.h"
#include "storage/part/part_row.h"

namespace skald::storage {

// One pass shows the streams that have rows in a span of time, and of each only those rows, without
// what the sieve leaves out.
// Threads: externally synchronised.
class PartCursor {
 public:
  // `pace` and `sieve` must outlive the cursor.
  static StatusOr<std::unique_ptr<PartCursor>> Open(std::shared_ptr<const Part> part, Pace* pace,
                                                    RowSieve* sieve);

  // Begins a pass over the rows with first <= time <= last; stands on the first stream then.
  Status Start(int64_t first, int64_t last);

  // True when no stream is left. The rest REQUIRES that it is false.
  bool at_end() const { return place_ == streams_->size(); }
  const LabelSet& labels() const { return labels_; }
  std::string_view service() const { return service_; }
  std::string_view text() const { return labels_.text(); }
  Status NextStream();

  // The current stream's current row; a stream begins with one.
  bool has_row() const { return row_ < stream_end_; }
  int64_t time() const { return times_[row_ - block_first_]; }
  // Valid until the cursor moves.
  PartRow row();
  Status NextRow();

  uint64_t file_number() const { return part_->file_number(); }
  // True when an error came of the part's bytes.
  bool is_damaged() const { return is_damaged_; }

  // The smallest time after the pass's span that a row has; complete once at_end().
  std::optional<int64_t> time_after() const { return time_after_; }

 private:
  static constexpr size_t kNoBlock = ~size_t{0};

  PartCursor(std::shared_ptr<const Part> part, Pace* pace, RowSieve* sieve)
      : part_(std::move(part)), pace_(pace), sieve_(sieve) {}

  // The number of the stream that the cursor stands on.
  uint32_t stream() const { return order_.empty() ? place_ : order_[place_]; }
  // Stands on the first stream from place_ on that has rows in the span.
  Status FindStream();
  // Stands on the first row of the span from row_ on, or after the stream's last row.
  Status FindRow();
  Status LoadBlock(size_t index);
  Status DecodeBlock(size_t index);
  void NoteTimeAfter(int64_t time);
  bool is_dropped() const {
    return dropped_.size() > 0 && dropped_.Contains(static_cast<uint32_t>(row_ - block_first_));
  }

  const std::shared_ptr<const Part> part_;
  Pace* const pace_;
  RowSieve* const sieve_;
  std::shared_ptr<const BlockDirectory> directory_;
  std::shared_ptr<const StreamTable> streams_;
  std::shared_ptr<const LabelIndex> index_;

  int64_t first_ = 0;
  int64_t last_ = 0;
  std::optional<int64_t> time_after_;

  std::vector<uint32_t> order_;  // of the streams; empty: as they lie
  uint32_t place_ = 0;           // in the order
  LabelSet labels_;
  std::string_view service_;  // in labels_
  int64_t from_ = 0;          // of the stream's rows, those before are not shown
  uint64_t row_ = 0;          // counted through the part
  uint64_t stream_end_ = 0;

  // The decoded block.
  size_t block_index_ = kNoBlock;
  bool is_damaged_ = false;
  uint64_t block_first_ = 0;
  uint64_t block_end_ = 0;
  RowSet dropped_;  // of size 0: none
  std::unique_ptr<PartBlock> block_;
  std::span<const int64_t> times_;
  std::vector<std::string_view> lines_;
  std::vector<StringColumn> columns_;
  std::vector<LabelView> metadata_;  // of row()
};

}  // namespace skald::storage
