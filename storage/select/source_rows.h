// The rows of one stream in one block of a source (a part or a memtable), as duplicate detection
// looks at them: times first, contents only where times coincide.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/model/labels.h"
#include "storage/reader.h"

namespace skald::storage {

// Threads: externally synchronised.
class SourceRows {
 public:
  // The rows of `block` from `first_row` on that have these times, which ascend. Row i's id is
  // ids[i]. All must outlive this.
  SourceRows(Block* block, std::span<const int64_t> times, uint32_t first_row,
             std::span<const uint64_t> ids)
      : block_(block), times_(times), first_row_(first_row), ids_(ids) {}
  // The same, where row i's id is `first_id` + i.
  SourceRows(Block* block, std::span<const int64_t> times, uint32_t first_row, uint64_t first_id)
      : block_(block), times_(times), first_row_(first_row), first_id_(first_id) {}

  // Sorted by (time, arrival).
  size_t size() const { return times_.size(); }
  int64_t time(size_t i) const { return times_[i]; }
  std::span<const int64_t> times() const { return times_; }

  // Of a part: the row's number within its stream. Of a memtable: its bytes' address.
  uint64_t id(size_t i) const { return ids_.empty() ? first_id_ + i : ids_[i]; }

  // Those with first <= time <= last.
  SourceRows Within(int64_t first, int64_t last) const;

  // Fetches what Equal needs of the given rows (ascending indexes, at least one).
  Status LoadContents(std::span<const uint32_t> indexes);
  // True if row i of `a` and row k of `b` have the same line and metadata as pushed.
  // REQUIRES: both were loaded by the last call.
  static bool Equal(const SourceRows& a, size_t i, const SourceRows& b, size_t k);
  // Equal rows have equal hashes. REQUIRES: the row was loaded.
  uint64_t HashOf(size_t i) const;

 private:
  struct Content {
    std::string_view line;
    std::vector<LabelView> metadata;
  };
  const Content& content(size_t i) const { return contents_[i - contents_begin_]; }

  Block* block_;
  std::span<const int64_t> times_;
  uint32_t first_row_;
  std::span<const uint64_t> ids_;
  uint64_t first_id_ = 0;
  std::vector<Content> contents_;  // of the rows from contents_begin_ on, as far as loaded
  size_t contents_begin_ = 0;
};

}  // namespace skald::storage
