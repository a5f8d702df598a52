// Blocks of a part as they lie on disk, with what the part's filters say of each: what another part
// needs to take a block over without decoding its lines.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/part/part.h"

namespace skald::storage {

// Borrows the StoredBlocks that it comes from.
struct StoredBlock {
  const Part* part = nullptr;
  BlockInfo info;
  std::span<const PageInfo> pages;
  uint8_t ngram_flags = 0;
  std::unique_ptr<NgramBits> ngrams;
  size_t longest_token = 0;
  std::string_view tokens;  // the block's id filter
  std::string_view pairs;   // the block's metadata filter
};

// Holds the part's id and metadata filters, and the n-gram filters of 64 blocks.
// Threads: externally synchronised.
class StoredBlocks {
 public:
  // DataLoss: the part's directory or one of its filters cannot be read.
  static StatusOr<std::unique_ptr<StoredBlocks>> Open(std::shared_ptr<const Part> part);

  // The bytes that Open() makes a merge hold, but for a page of the n-gram filter.
  static uint64_t MemoryOf(const PartFooter& part);

  // Nothing if the block has pages of a kind or encoding that this version does not know: what else
  // they may need is not known either. DataLoss: the n-gram filter cannot be read.
  StatusOr<std::optional<StoredBlock>> Read(size_t block);

 private:
  explicit StoredBlocks(std::shared_ptr<const Part> part) : part_(std::move(part)) {}
  StatusOr<std::unique_ptr<NgramBits>> ReadNgrams(uint32_t block);

  const std::shared_ptr<const Part> part_;
  std::shared_ptr<const BlockDirectory> directory_;
  std::shared_ptr<const NgramFilter> ngrams_;
  std::shared_ptr<const TokenFilter> tokens_;
  std::shared_ptr<const MetadataFilter> pairs_;
  std::vector<uint64_t> columns_;  // as NgramFilter::ReadColumns; empty: not read
  uint32_t columns_first_ = 0;
};

}  // namespace skald::storage
