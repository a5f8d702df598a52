// The raw-text encoding of a block's line column: lines joined without separators in pages, cut
// apart by their lengths.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "storage/part/part.h"
#include "storage/reader.h"

namespace skald::storage {

// Pages are read when a row of theirs is first needed. The part must outlive this.
class RawLines : public LineColumn {
 public:
  // `pages`: the block's line pages. `starts[i]`: bytes of the block's lines before row i, with a
  // last element for the end.
  static StatusOr<std::unique_ptr<RawLines>> Create(const Part& part, std::vector<PageInfo> pages,
                                                    std::vector<uint64_t> starts, ScanStats* stats);

  Status Match(const LineMatcher& matcher, bool negate, RowSet* rows) override;
  Status Lengths(std::span<uint32_t> lengths) override;
  Status Materialise(std::span<const uint32_t> rows, std::span<std::string_view> lines) override;

 private:
  RawLines(const Part& part, std::vector<PageInfo> pages, std::vector<uint64_t> starts,
           ScanStats* stats);

  uint32_t rows() const { return static_cast<uint32_t>(starts_.size() - 1); }
  uint32_t PageEnd(size_t page) const {
    return page + 1 < pages_.size() ? pages_[page + 1].first_row : rows();
  }
  size_t PageOf(uint32_t row) const;
  // Reads the pages marked in `needed` that have not been read.
  Status Load(const std::vector<bool>& needed);
  std::string_view Line(size_t page, uint32_t row) const;
  // Adds to `matching` the rows in [begin, end), all of one page, that match.
  void MatchRun(const LineMatcher& matcher, size_t page, uint32_t begin, uint32_t end,
                RowSet* matching) const;

  const Part& part_;
  const std::vector<PageInfo> pages_;
  const std::vector<uint64_t> starts_;
  std::vector<PagePtr> loaded_;
  ScanStats* const stats_;
};

}  // namespace skald::storage
