// A batch: up to a few thousand rows of one block on their way through a query's pipeline.
//
// Rows live in columns; a selection vector says which are still in. Operators narrow the selection,
// replace lines, and add or replace label columns; nothing is allocated per row outside the arena.
//
// Labels of a row. A stream label has its value from the row's stream. Everything else lies in
// label columns, one per (name, category): kMetadata for structured metadata, kParsed for what
// parsers and formats produced, kStream only where a stage has changed or removed a stream label:
// such a column replaces the stream's own value in every row (an absent cell: removed). For a name,
// parsed wins over metadata wins over stream.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "storage/base/arena.h"
#include "storage/base/status.h"
#include "storage/model/column.h"
#include "storage/model/line_fields.h"
#include "storage/model/stream.h"

namespace skald::query {

inline constexpr uint32_t kMaxBatchRows = 4096;

// A batch may hold so many label cells (rows x columns of its own). Stages that would need more
// answer kTooWide: the caller runs the rows again in smaller batches. A single row always fits.
inline constexpr size_t kMaxBatchCells = size_t{4} << 20;
inline constexpr absl::StatusCode kTooWide = absl::StatusCode::kOutOfRange;
inline Status TooWide() { return Status(kTooWide, "too many labels for a batch of this size"); }

inline constexpr std::string_view kErrorLabel = "__error__";
inline constexpr std::string_view kErrorDetailsLabel = "__error_details__";
// "true" on rows whose parser error must not fail a metric query (logql.md 5.10.4).
inline constexpr std::string_view kPreserveErrorLabel = "__preserve_error__";

enum class LabelCategory : uint8_t { kStream, kMetadata, kParsed };

// A cell of a kParsed column that was set and then removed by drop, keep or a rename: reads as
// absent, but parsers do not set the label again (logql.md 5.1).
inline constexpr char kRemovedTag = 0;
inline constexpr std::string_view kRemoved{&kRemovedTag, 0};
inline bool IsRemoved(std::string_view cell) { return cell.data() == &kRemovedTag; }
// Absent or removed.
inline bool HasNoValue(std::string_view cell) { return IsAbsent(cell) || IsRemoved(cell); }

struct LabelColumn {
  std::string_view name;  // lives as long as the batch's arena, or longer
  LabelCategory category;
  StringColumn cells;     // over all rows of the batch; borrowed like `name`
  bool writable = false;  // `cells` is plain and the batch's own
};

// Threads: externally synchronised. Reused from block to block; Reset() between.
class Batch {
 public:
  Batch() : arena_(64 << 10) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  // Forgets all rows and columns. `streams` must outlive the batch's use.
  void Reset(std::span<const StreamPtr> streams);

  uint32_t size() const { return static_cast<uint32_t>(timestamps.size()); }
  Arena* arena() { return &arena_; }

  // The stream that a row belongs to.
  const Stream& stream(uint32_t row) const { return *stream_table_[stream_of[row]]; }
  std::span<const StreamPtr> stream_table() const { return stream_table_; }

  // The column of a name and category, or null.
  LabelColumn* Find(std::string_view name, LabelCategory category);
  const LabelColumn* Find(std::string_view name, LabelCategory category) const;
  // A plain column of the batch's own whose cells may be written: the existing one (copied once if
  // it was borrowed), or a new one with every cell absent.
  std::span<std::string_view> Writable(std::string_view name, LabelCategory category);
  // True if the columns exceed kMaxBatchCells.
  bool too_wide() const { return size() > 1 && columns.size() * size() > kMaxBatchCells; }

  bool has_errors() const { return !errors_.empty(); }
  // kAbsent where the row has no error (no details).
  std::string_view error(uint32_t row) const { return errors_.empty() ? kAbsent : errors_[row]; }
  std::string_view error_details(uint32_t row) const {
    return details_.empty() ? kAbsent : details_[row];
  }
  // Set to kAbsent to clear. Views must live as long as the arena.
  void SetError(uint32_t row, std::string_view error);
  void SetErrorDetails(uint32_t row, std::string_view details);

  // Row i of the batch. `lines` is empty when the query does not need line text; an operator may
  // replace elements (views into the arena or the block).
  std::vector<int64_t> timestamps;
  std::vector<uint32_t> stream_of;  // index into stream_table()
  std::vector<std::string_view> lines;
  // What storage knew of the fields that Pipeline::fields() names, for the rows of the batch; no
  // row answered, or no rows at all, where it was not asked.
  FieldColumns fields;
  // Rows still in, ascending.
  std::vector<uint32_t> selection;
  std::vector<LabelColumn> columns;
  // What unwrap produced; empty when there is none. Indexed by row.
  std::vector<double> values;

 private:
  Arena arena_;
  std::span<const StreamPtr> stream_table_;
  std::span<std::string_view> errors_;
  std::span<std::string_view> details_;
};

// Reads one label of any row, by the precedence above: resolve once per batch, then ask per row.
// __error__ and __error_details__ are read from the error state. Invalid once columns change.
class LabelReader {
 public:
  LabelReader(const Batch& batch, std::string_view name);
  // kAbsent when the row has no such label.
  std::string_view operator()(uint32_t row) const;

 private:
  enum class Kind { kLabel, kError, kErrorDetails };
  const Batch& batch_;
  Kind kind_ = Kind::kLabel;
  const LabelColumn* parsed_ = nullptr;
  const LabelColumn* metadata_ = nullptr;
  const LabelColumn* stream_ = nullptr;
  std::string_view name_;
  // The stream label of the row last asked for: rows come in runs of one stream.
  mutable uint32_t cached_stream_ = UINT32_MAX;
  mutable std::string_view cached_value_;
};

}  // namespace skald::query
