// Gathers the rows of one block and writes its pages; or takes over a block of another part.
//
// A block that is taken over ends the one under construction. So that parts do not fall into small
// blocks, which cost a column of filters and an entry of the directory each and compress badly, it
// must itself reach a quarter of some limit, and so must the one under construction, if there is
// one, but for one block in eight: a small rest would else be passed on from block to block, each
// encoded again. However often parts are merged, of eight blocks in a row at most one is small.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/base/status.h"
#include "storage/part/block_directory.h"
#include "storage/part/metadata_codec.h"
#include "storage/part/metadata_filter.h"
#include "storage/part/ngram_filter.h"
#include "storage/part/page_writer.h"
#include "storage/part/part_row.h"
#include "storage/part/row_groups.h"
#include "storage/part/stored_blocks.h"
#include "storage/part/token_filter.h"

namespace skald::storage {

// What a block holds, counted as its limits are.
struct BlockFill {
  uint64_t raw_bytes = 0;  // lines, and names and values of metadata
  uint64_t rows = 0;
  uint64_t names = 0;  // of metadata
};

// Threads: externally synchronised. Reused block after block.
class BlockBuilder {
 public:
  // Raw sizes at which a line page and a block are closed.
  BlockBuilder(PageWriter* pages, uint32_t line_page_bytes, uint32_t block_bytes);

  // Adds the next row of the current stream. Full line pages are written at once.
  Status Add(const PartRow& row);
  // The rows added since the last call, or since the block began, are one stream's run.
  void EndRun();

  bool empty() const { return times_.empty(); }
  // True when the block holds as much as a block should.
  bool full() const { return Reaches(fill(), 1); }
  // True if a block of another part that holds so much is to be taken over now.
  bool Takes(const BlockFill& block) const;

  // Writes the remaining pages, adds the block to `directory` and begins the next block.
  // REQUIRES: not empty; EndRun was called after the last Add.
  Status Finish(BlockDirectory* directory);
  // Writes the pages of a block of another part as they are, and adds it to `directory`.
  // REQUIRES: empty.
  Status Copy(StoredBlock block, BlockDirectory* directory);
  // Writes the filters' pages and appends their sections. REQUIRES: every block was finished.
  Status FinishFilters(std::string* ngram_section, std::string* token_section,
                       std::string* metadata_section);

 private:
  // True at 1/nth of some limit.
  bool Reaches(const BlockFill& fill, uint64_t n) const {
    return fill.raw_bytes * n >= block_bytes_ || fill.rows * n >= kMaxBlockRows ||
           fill.rows * fill.names * n >= kMaxMetadataCells;
  }
  bool IsSmall(const BlockFill& fill) const;
  // What the block holds so far.
  BlockFill fill() const { return {raw_bytes_, times_.size(), metadata_.columns()}; }
  Status WriteLinePage();
  Status WritePages();

  PageWriter* const pages_;
  const uint32_t line_page_bytes_;
  const uint32_t block_bytes_;
  std::vector<int64_t> times_;
  std::vector<uint32_t> lengths_;
  RowGroups groups_;
  MetadataBuilder metadata_;
  NgramFilterBuilder ngrams_;
  TokenFilterBuilder tokens_;
  MetadataFilterBuilder pairs_;
  std::string lines_;            // of the open line page
  uint32_t page_first_row_ = 0;  // of the open line page
  std::vector<PageInfo> written_;
  uint64_t raw_bytes_ = 0;
  uint64_t first_row_ = 0;  // of the block, counted through the part
  uint64_t blocks_since_small_;
};

}  // namespace skald::storage
