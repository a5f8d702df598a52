// The rows of one stream in one source (a part or a memtable), as duplicate detection looks at
// them: times first, contents only where times coincide.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/memtable/memtable.h"
#include "storage/model/labels.h"
#include "storage/model/timestamp.h"
#include "storage/part/part.h"
#include "storage/reader.h"

namespace skald::storage {

// Threads: externally synchronised. The source must outlive this.
class SourceRows {
 public:
  // The rows of stream `ordinal` of a part with times in `range`.
  static StatusOr<SourceRows> OfPart(std::shared_ptr<const Part> part, uint32_t ordinal,
                                     TimeRange range);
  // The first `count` rows of a memtable's stream, as far as their times are in `range`.
  static SourceRows OfMemtable(const MemStream& stream, uint32_t count, TimeRange range);

  // Sorted by (time, arrival).
  size_t size() const { return times_.size(); }
  int64_t time(size_t i) const { return times_[i]; }

  // Of a part: the row's number within its stream. Of a memtable: its bytes' address.
  uint64_t id(size_t i) const { return ids_[i]; }

  // The block that holds a row, by number.
  size_t BlockOf(size_t i) const;
  // Fetches what Equal needs of the given rows (ascending indexes, at least one), and lets go of
  // the blocks before theirs: those of a later call come after these.
  Status LoadContents(const std::vector<uint32_t>& indexes);
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
  // The rows [first, last) of this lie in `block`; block_rows_ has their rows there.
  struct Piece {
    std::unique_ptr<Block> block;
    size_t first;
    size_t last;
  };
  Status LoadPiece(const Piece& piece, const std::vector<uint32_t>& indexes);
  const Content& content(size_t i) const { return contents_[i - contents_begin_]; }

  std::vector<int64_t> times_;
  std::vector<uint64_t> ids_;
  std::vector<uint32_t> block_rows_;
  std::vector<Piece> pieces_;
  std::vector<Content> contents_;  // of the rows from contents_begin_ on, as far as loaded
  size_t contents_begin_ = 0;
};

}  // namespace skald::storage
