// Rows of one stream in one block of a source (a part or a memtable), as duplicate detection looks
// at them: times first, contents only where times coincide.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "storage/base/arena.h"
#include "storage/base/memory_budget.h"
#include "storage/base/status.h"
#include "storage/model/column.h"
#include "storage/reader.h"

namespace skald::storage {

// Threads: externally synchronised.
class SourceRows {
 public:
  // The rows of `block` from `first_row` on that have these times, which ascend. Row i's id is
  // ids[i]. All must outlive this. What metadata comes to take is added to `memory`.
  SourceRows(Block* block, std::span<const int64_t> times, uint32_t first_row,
             std::span<const uint64_t> ids, Reservation* memory)
      : block_(block), times_(times), first_row_(first_row), ids_(ids), memory_(memory) {}
  // The same, where row i's id is `first_id` + i.
  SourceRows(Block* block, std::span<const int64_t> times, uint32_t first_row, uint64_t first_id,
             Reservation* memory)
      : block_(block), times_(times), first_row_(first_row), first_id_(first_id), memory_(memory) {}

  // Sorted by (time, arrival).
  size_t size() const { return times_.size(); }
  int64_t time(size_t i) const { return times_[i]; }
  std::span<const int64_t> times() const { return times_; }

  // Of a part: the row's number within its stream. Of a memtable: its bytes' address.
  uint64_t id(size_t i) const { return ids_.empty() ? first_id_ + i : ids_[i]; }

  // Fetches lines and metadata as pushed of the given rows (ascending indexes, at least one).
  // ResourceExhausted: there is no memory for the metadata.
  Status LoadContents(std::span<const uint32_t> indexes);
  // Rows with the same contents have the same hash. REQUIRES: the row was loaded by the last call.
  uint64_t HashOf(size_t i) const;

 private:
  friend class SameContents;
  struct Column {
    std::string_view name;
    StringColumn values;
  };
  std::string_view line(size_t i) const { return lines_[i - begin_]; }
  std::string_view value(const StringColumn& column, size_t i) const { return column[i - begin_]; }
  Status LoadMetadata(uint32_t begin, uint32_t end);
  // Takes what metadata has come to take.
  Status Charge();

  Block* block_;
  std::span<const int64_t> times_;
  uint32_t first_row_;
  std::span<const uint64_t> ids_;
  uint64_t first_id_ = 0;
  Reservation* memory_;
  size_t begin_ = 0;                     // the first row that was loaded
  std::vector<std::string_view> lines_;  // of the rows from it on, as far as loaded
  std::vector<Column> metadata_;         // of the same rows, by name; where all are absent: none
  Arena arena_;                          // of metadata_
};

// Tells which rows of two sources have the same line and metadata as pushed.
// Threads: immutable.
class SameContents {
 public:
  // REQUIRES: the contents of both were loaded. They must outlive this.
  SameContents(const SourceRows& a, const SourceRows& b);

  // True if row i of `a` and row k of `b` are the same. REQUIRES: they were among those loaded.
  bool operator()(size_t i, size_t k) const;

 private:
  // The values under one name.
  struct Values {
    StringColumn a;
    StringColumn b;
  };
  void Add(const StringColumn& a, const StringColumn& b);

  const SourceRows& a_;
  const SourceRows& b_;
  std::vector<Values> metadata_;  // where rows may differ
  bool all_differ_ = false;
};

}  // namespace skald::storage
