// A batch: up to a few thousand rows of one block on their way through a query's pipeline.
//
// Rows live in columns; a selection vector says which are still in. Operators narrow the selection,
// replace lines, and add or replace label columns; nothing is allocated per row outside the arena.
// Work on rows is counted with the batch, which ends it when nobody waits for the query any more or
// when it takes too much memory.
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
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/arena.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"
#include "storage/base/stop_pacer.h"
#include "storage/base/units.h"
#include "storage/model/column.h"
#include "storage/model/line_fields.h"
#include "storage/model/stream.h"

namespace skald::query {

inline constexpr uint32_t kMaxBatchRows = 4096;

// A batch may take a share of what its budget can ever hold, between these bounds, so that several
// find room at once. Stages that would need more answer kTooWide: the caller runs the rows again in
// smaller batches. A single row always fits.
inline constexpr size_t kBatchesPerBudget = 16;
inline constexpr size_t kMinBatchBytes = 1_MiB;
inline constexpr size_t kMaxBatchBytes = 16_MiB;
// Batches of more rows are too wide as well when the budget has no memory left for them.
inline constexpr uint32_t kFewBatchRows = 64;
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
  // What the rows take is charged to `budget`, and `stop` ends the work on them; both may be null.
  explicit Batch(MemoryBudget* budget = nullptr, const StopToken* stop = nullptr)
      : max_bytes_(MaxBytesWithin(budget)), arena_(kFirstChunk), reserved_(budget), pacer_(stop) {}
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  // Forgets all rows and columns. `streams` must outlive the batch's use.
  void Reset(std::span<const StreamPtr> streams);

  uint32_t size() const { return static_cast<uint32_t>(timestamps.size()); }
  Arena* arena() { return &arena_; }

  // The stream that a row belongs to.
  const Stream& stream(uint32_t row) const { return *stream_table_[stream_of[row]]; }
  std::span<const StreamPtr> stream_table() const { return stream_table_; }

  std::span<const LabelColumn> columns() const { return columns_; }
  // REQUIRES: there is no column of this name and category.
  void AddColumn(const LabelColumn& column);
  // The column of a name and category, or null.
  LabelColumn* Find(std::string_view name, LabelCategory category);
  const LabelColumn* Find(std::string_view name, LabelCategory category) const;
  // A plain column of the batch's own whose cells may be written: the existing one (copied once if
  // it was borrowed), or a new one with every cell absent.
  std::span<std::string_view> Writable(std::string_view name, LabelCategory category);

  // Counts work that was done beyond looking at the lines, in bytes or what takes as long.
  void CountWork(uint64_t work) { pacer_.CountNew(work); }
  // Counts memory that an operator holds for the rows outside the arena, until Reset().
  void CountMemory(size_t bytes) { beside_ += bytes; }
  // Bytes that the rows take.
  size_t memory() const { return arena_.capacity() + beside_; }
  // Bytes that they may take, if it is more than one.
  size_t max_memory() const { return max_bytes_; }
  // Whether the work may go on: the errors of the stop token, which is asked now and then;
  // kTooWide; ResourceExhausted when few rows already take more memory than the budget has.
  Status Check() {
    if (memory() <= reserved_.bytes() && !pacer_.is_due()) return absl::OkStatus();
    return Settle();
  }
  // Counts a row as worked on, then as Check.
  Status CheckAfter(uint32_t row) {
    pacer_.Count(kRowWork + (lines.empty() ? 0 : lines[row].size()));
    return Check();
  }

  // Calls visit(row) for every selected row as long as Check allows.
  template <typename Visit>
  Status ForEachRow(Visit&& visit) {
    for (const uint32_t row : selection) {
      visit(row);
      RETURN_IF_ERROR(CheckAfter(row));
    }
    return absl::OkStatus();
  }
  // Narrows the selection to the rows for which keep(row), as long as Check allows.
  template <typename Keep>
  Status KeepRows(Keep&& keep) {
    size_t kept = 0;
    for (const uint32_t row : selection) {
      if (keep(row)) selection[kept++] = row;
      RETURN_IF_ERROR(CheckAfter(row));
    }
    selection.resize(kept);
    return absl::OkStatus();
  }

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
  // What unwrap produced; empty when there is none. Indexed by row.
  std::vector<double> values;

 private:
  static constexpr uint64_t kRowWork = 64;
  static constexpr size_t kFirstChunk = 64 << 10;  // of the arena

  static size_t MaxBytesWithin(const MemoryBudget* budget);
  Status Settle();

  const size_t max_bytes_;
  Arena arena_;
  size_t beside_ = 0;
  Reservation reserved_;  // the most that memory() has been
  StopPacer pacer_;
  std::vector<LabelColumn> columns_;
  // Places in columns_, once there are more than a few.
  absl::flat_hash_map<std::pair<std::string_view, LabelCategory>, size_t> column_index_;
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

  // Calls visit(i, value) for every rows[i] that has the label. Rows that have none cost next to
  // nothing where `in_streams`, whether some stream of the batch has it, is false.
  template <typename Visit>
  void ForEachValue(std::span<const uint32_t> rows, bool in_streams, Visit&& visit) const {
    if (in_streams || !has_only_own_cells()) {
      for (size_t i = 0; i < rows.size(); ++i) {
        if (const std::string_view value = (*this)(rows[i]); !IsAbsent(value)) visit(i, value);
      }
      return;
    }
    const std::span<const std::string_view> cells = parsed_->cells.values;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (const std::string_view cell = cells[rows[i]]; !HasNoValue(cell)) visit(i, cell);
    }
  }

 private:
  bool has_only_own_cells() const {
    return kind_ == Kind::kLabel && parsed_ != nullptr && metadata_ == nullptr &&
           stream_ == nullptr && parsed_->cells.kind == StringColumn::Kind::kPlain;
  }

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
