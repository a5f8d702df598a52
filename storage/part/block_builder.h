// Gathers the rows of one block and writes its pages.
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
#include "storage/part/token_filter.h"

namespace skald::storage {

// Threads: externally synchronised. Reused block after block.
class BlockBuilder {
 public:
  BlockBuilder(PageWriter* pages, uint32_t line_page_bytes)
      : pages_(pages), line_page_bytes_(line_page_bytes) {}

  // Adds the next row of the current stream. Full line pages are written at once.
  Status Add(const PartRow& row);
  // The rows added since the last call, or since the block began, are one stream's run.
  void EndRun();

  bool empty() const { return times_.empty(); }
  // True when the block holds as much as a block should.
  bool full() const {
    return raw_bytes_ >= kBlockRawBytes || times_.size() >= kMaxBlockRows ||
           times_.size() * metadata_.columns() >= kMaxMetadataCells;
  }

  // Writes the remaining pages, adds the block to `directory` and begins the next block.
  // REQUIRES: not empty; EndRun was called after the last Add.
  Status Finish(BlockDirectory* directory);
  // Writes the filters' pages and appends their sections. REQUIRES: every block was finished.
  Status FinishFilters(std::string* ngram_section, std::string* token_section,
                       std::string* metadata_section);

 private:
  Status WriteLinePage();
  Status WritePages();

  PageWriter* const pages_;
  const uint32_t line_page_bytes_;
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
};

}  // namespace skald::storage
