// Walks the rows of one part in their order, a block at a time: decoded, or as it is stored.
//
// Of a block only times are decoded at first, the rest with the first row that is asked for; lines
// never if the block is copied (part_writer.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "storage/base/status.h"
#include "storage/compact/pace.h"
#include "storage/compact/row_sieve.h"
#include "storage/model/labels.h"
#include "storage/part/part.h"
#include "storage/part/part_block.h"
#include "storage/part/part_row.h"
#include "storage/part/part_writer.h"
#include "storage/part/stored_blocks.h"

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
  StatusOr<PartRow> row();
  Status NextRow();
  // Adds the current row to the part that is written, or counts it if its block was copied there.
  Status WriteRow(PartWriter* writer);

  // Copying. The rest REQUIRES has_row().
  bool at_block_start() const { return row_ == block_first_; }
  // The last row of the current row's block.
  struct BlockEnd {
    LabelSet labels;
    int64_t time;
  };
  BlockEnd block_end() const;
  // True if the pass shows every row of the block, in the order in which they lie, and `accepts` is
  // true of all their streams.
  StatusOr<bool> ShowsWholeBlock(absl::FunctionRef<StatusOr<bool>(const LabelSet&)> accepts) const;
  // Copies the block if the writer takes one of its size and the part's filters can be read.
  // Returns whether it did: then the block's rows must all be given to WriteRow, one after the
  // other. REQUIRES: at_block_start() and ShowsWholeBlock(), of streams that go to `writer`.
  StatusOr<bool> CopyBlock(PartWriter* writer);

  uint32_t level() const { return part_->footer().level; }
  uint64_t file_number() const { return part_->file_number(); }
  // True when an error came of reading the part.
  bool is_unreadable() const { return is_unreadable_; }

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
  Status OpenBlock(size_t index);
  Status DecodeLines();
  Status DecodeMetadata();
  // The metadata of a row of the block. Valid until the next call.
  std::span<const LabelView> MetadataOf(uint64_t row);
  // What the block holds; decodes metadata and lengths.
  StatusOr<BlockFill> MeasureBlock();
  // The block as it is stored; nothing if it or the part's filters cannot be read so.
  StatusOr<std::optional<StoredBlock>> ReadStored();
  void NoteTimeAfter(int64_t time);
  // Returns the status of reading the part; notes if it cannot be read.
  Status Note(Status status);
  bool is_dropped() const {
    const auto row = static_cast<uint32_t>(row_ - block_first_);
    return row < dropped_.size() && dropped_.Contains(row);
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

  std::unique_ptr<StoredBlocks> stored_;  // opened with the first block that is copied
  bool is_stored_usable_ = true;

  // The current block, as far as it is decoded.
  size_t block_index_ = kNoBlock;
  bool is_unreadable_ = false;
  uint64_t block_first_ = 0;
  uint64_t block_end_ = 0;
  RowSet dropped_;  // of size 0: none
  std::unique_ptr<PartBlock> block_;
  std::span<const int64_t> times_;
  bool has_lines_ = false;
  std::vector<std::string_view> lines_;
  bool has_metadata_ = false;
  std::vector<StringColumn> columns_;
  bool is_copied_ = false;
  std::vector<uint32_t> lengths_;    // of the lines of a block that is copied
  std::vector<LabelView> metadata_;  // of MetadataOf()
};

}  // namespace skald::storage
