// The block directory of a part: where every block's rows and pages are, as columns of numbers.
//
//   u32 blocks, u32 pages, then arrays without gaps, one element per block or page:
//   blocks + 1  u64  first row of the block, counted through the part; last: rows of the part
//   blocks      i64  smallest time
//   blocks      i64  largest time
//   blocks + 1  u32  first page of the block; last: pages
//   pages       u64  offset in the file
//   pages       u32  stored size
//   pages       u32  raw size; equal to the stored size when the page is not compressed
//   pages       u32  CRC-32C of the stored bytes
//   pages       u32  of a line page: its first row, counted in the block; else 0
//   pages       u8   PageKind
//   pages       u8   encoding, of those that the page's kind has; so far each has one, 0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/part/part_format.h"

namespace skald::storage {

struct PageInfo {
  uint64_t offset = 0;
  uint32_t size = 0;
  uint32_t raw_size = 0;
  uint32_t checksum = 0;
  uint32_t first_row = 0;
  PageKind kind = PageKind::kTimes;
  uint8_t encoding = kFirstEncoding;

  // True if the page lies within a file of this size and is not larger than pages may be.
  bool FitsInto(uint64_t file_size) const;
};

struct BlockInfo {
  uint64_t first_row = 0;
  uint32_t rows = 0;
  int64_t min_time = 0;
  int64_t max_time = 0;
};

// A value: filled by the writer, parsed by the reader. Threads: immutable once filled.
class BlockDirectory {
 public:
  // Adds the next block with its pages; line pages among them are in row order.
  void Add(const BlockInfo& block, std::span<const PageInfo> pages);
  std::string Encode() const;

  // DataLoss unless the numbers are consistent with each other and with `file_size`.
  static StatusOr<std::unique_ptr<BlockDirectory>> Parse(std::string_view bytes,
                                                         uint64_t file_size);

  size_t size() const { return blocks_.size(); }
  // Rows of the part.
  uint64_t rows() const {
    return blocks_.empty() ? 0 : blocks_.back().first_row + blocks_.back().rows;
  }
  const BlockInfo& block(size_t i) const { return blocks_[i]; }
  std::span<const PageInfo> pages(size_t block) const {
    return std::span(pages_).subspan(first_page_[block],
                                     first_page_[block + 1] - first_page_[block]);
  }
  // The blocks with rows in [begin, end), as a range of block indexes.
  std::pair<size_t, size_t> BlocksOfRows(uint64_t begin, uint64_t end) const;

  size_t charge() const;

 private:
  Status CheckBlock(size_t block, uint64_t file_size) const;
  // True if no two blocks have the same page of a kind: what is read of one, its groups of rows
  // among it, is cached by the page's place.
  bool PagesAreApart(PageKind kind) const;

  std::vector<BlockInfo> blocks_;
  std::vector<uint32_t> first_page_{0};
  std::vector<PageInfo> pages_;
};

}  // namespace skald::storage
