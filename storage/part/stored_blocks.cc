#include "storage/part/stored_blocks.h"

#include <algorithm>
#include <utility>

namespace skald::storage {
namespace {

// Blocks whose n-gram filters are read at once: every one costs a walk over all rows of bits.
constexpr uint32_t kColumns = 64;

bool IsKnown(const PageInfo& page) {
  switch (page.kind) {
    case PageKind::kTimes:
    case PageKind::kLengths:
    case PageKind::kLines:
    case PageKind::kMetadata:
    case PageKind::kLevels:
      return page.encoding == kFirstEncoding;
  }
  return false;
}

}  // namespace

StatusOr<std::unique_ptr<StoredBlocks>> StoredBlocks::Open(std::shared_ptr<const Part> part) {
  std::unique_ptr<StoredBlocks> blocks(new StoredBlocks(std::move(part)));
  ASSIGN_OR_RETURN(blocks->directory_, blocks->part_->Directory());
  ASSIGN_OR_RETURN(blocks->ngrams_, blocks->part_->Ngrams());
  ASSIGN_OR_RETURN(blocks->tokens_, blocks->part_->Tokens());
  ASSIGN_OR_RETURN(blocks->pairs_, blocks->part_->MetadataPairs());
  const size_t size = blocks->directory_->size();
  if (blocks->ngrams_->blocks() != size || blocks->tokens_->blocks() != size ||
      blocks->pairs_->blocks() != size) {
    return DataLoss("filters and blocks of a part disagree");
  }
  return blocks;
}

uint64_t StoredBlocks::MemoryOf(const PartFooter& part) {
  uint64_t bytes = kNgramBits * sizeof(uint64_t);
  for (const PartFooter::Section& section : part.sections) {
    if (section.kind == SectionKind::kTokenFilter || section.kind == SectionKind::kMetadataFilter) {
      bytes += section.page.raw_size;
    }
  }
  return bytes;
}

StatusOr<std::optional<StoredBlock>> StoredBlocks::Read(size_t block) {
  StoredBlock result;
  result.part = part_.get();
  result.info = directory_->block(block);
  result.pages = directory_->pages(block);
  if (!std::all_of(result.pages.begin(), result.pages.end(), IsKnown)) return std::nullopt;
  const auto number = static_cast<uint32_t>(block);
  result.ngram_flags = ngrams_->flags(number);
  ASSIGN_OR_RETURN(result.ngrams, ReadNgrams(number));
  result.longest_token = tokens_->longest_token(block);
  result.tokens = tokens_->filter(block);
  result.pairs = pairs_->filter(block);
  return result;
}

StatusOr<std::unique_ptr<NgramBits>> StoredBlocks::ReadNgrams(uint32_t block) {
  const uint32_t first = block - block % kColumns;
  if (columns_.empty() || columns_first_ != first) {
    columns_.resize(kNgramBits);
    columns_first_ = first;
    const Status status = ngrams_->ReadColumns(*part_, first, columns_);
    if (!status.ok()) columns_.clear();
    RETURN_IF_ERROR(status);
  }
  auto bits = std::make_unique<NgramBits>();
  const uint32_t shift = block - first;
  for (size_t word = 0; word < bits->size(); ++word) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < 64; ++i) value |= (columns_[word * 64 + i] >> shift & 1) << i;
    (*bits)[word] = value;
  }
  return bits;
}

}  // namespace skald::storage
