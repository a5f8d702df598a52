// The n-gram filter of a part: which blocks cannot contain a literal.
//
// Per block a set of 2^17 bits: for every 4 neighbouring bytes of a line, ASCII letters folded to
// lower case, the bit that their hash names. The sets of all blocks are stored bit-sliced, row i
// holding bit i of every block, so that a literal reads only the rows of its own 4-grams.
//
// Section:
//   u32 blocks, u32 pages
//   blocks  u8   flags: 1 the filter was too full and is dropped, 2 HasSpecialFolding,
//                4 HasPlainWords (never set by versions that did not know it)
//   pages   u64 offset, u32 stored size, u32 raw size, u32 CRC-32C
// Each page holds kRowsPerPage rows of ceil(blocks / 8) bytes; block b is bit b % 8 of byte b / 8.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/row_set.h"
#include "storage/base/status.h"
#include "storage/model/line_matcher.h"
#include "storage/part/block_directory.h"
#include "storage/part/page_writer.h"

namespace skald::storage {

class Part;

inline constexpr uint32_t kNgramBits = 1 << 17;
// A block's filter: bit i is bit i % 64 of word i / 64.
using NgramBits = std::array<uint64_t, kNgramBits / 64>;

// Appends the filter bits of the 4-grams of `text`, folded. None when it is shorter than 4 bytes.
void AppendNgrams(std::string_view text, std::vector<uint32_t>* bits);

// Collects the filters of a part's blocks. Threads: externally synchronised.
class NgramFilterBuilder {
 public:
  NgramFilterBuilder() : seen_(kNgramBits, 0) {}

  // Adds a line of the open block.
  void AddLine(std::string_view line);
  void FinishBlock();
  // Adds a block with the filter that it has in another part. REQUIRES: no line was added since the
  // last block.
  void AddBlock(uint8_t flags, std::unique_ptr<NgramBits> bits);
  // Writes the pages and appends the section to `section`.
  Status Finish(PageWriter* pages, std::string* section);

 private:
  std::vector<uint8_t> seen_;  // of the open block, a byte a bit
  std::string folded_;
  bool special_folding_ = false;
  bool escaped_words_ = false;
  std::vector<std::unique_ptr<NgramBits>> blocks_;
  std::vector<uint8_t> flags_;
};

// Threads: immutable.
class NgramFilter {
 public:
  // DataLoss unless the pages lie within a file of `file_size`.
  static StatusOr<std::unique_ptr<NgramFilter>> Parse(std::string_view section, uint64_t file_size);

  // Removes from `blocks` those in which no line can contain the literal. Reads filter pages
  // through the part's cache.
  Status Prune(const Part& part, const RequiredLiteral& literal, RowSet* blocks) const;

  // True if the block has text that folds to ASCII letters though it is not ASCII (U+017F, U+212A).
  bool HasSpecialFolding(uint32_t block) const;
  // True if letters and digits of fields stand in the block's lines as they are: no escape like
  // `\u0041` makes one. False too where that is not known.
  bool HasPlainWords(uint32_t block) const;

  // How many of a block's bits are set; nothing if the filter was full and dropped.
  // REQUIRES: block < blocks().
  StatusOr<std::optional<uint32_t>> BitsSet(const Part& part, uint32_t block) const;
  // The block's byte of the section.
  uint8_t flags(uint32_t block) const { return flags_[block]; }
  // Reads all rows of bits, of 64 blocks: columns[i] has bit i of block `first` + k as its bit k.
  // REQUIRES: first % 64 == 0 and first < blocks(); columns.size() == kNgramBits.
  Status ReadColumns(const Part& part, uint32_t first, std::span<uint64_t> columns) const;
  // Where the rows of bits lie.
  std::span<const PageInfo> pages() const { return pages_; }

  uint32_t blocks() const { return static_cast<uint32_t>(flags_.size()); }
  size_t charge() const { return flags_.size() + pages_.size() * sizeof(PageInfo); }

 private:
  NgramFilter() = default;
  std::vector<uint8_t> flags_;
  std::vector<PageInfo> pages_;
};

}  // namespace skald::storage
