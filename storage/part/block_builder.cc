#include "storage/part/block_builder.h"

#include <algorithm>
#include <utility>

#include "storage/part/lengths_codec.h"
#include "storage/part/time_codec.h"

namespace skald::storage {
namespace {
// See the header.
constexpr uint64_t kSmallestShare = 4;
constexpr uint64_t kBlocksASmall = 8;
}  // namespace

BlockBuilder::BlockBuilder(PageWriter* pages, uint32_t line_page_bytes, uint32_t block_bytes)
    : pages_(pages),
      line_page_bytes_(line_page_bytes),
      block_bytes_(block_bytes),
      blocks_since_small_(kBlocksASmall) {}

bool BlockBuilder::IsSmall(const BlockFill& fill) const { return !Reaches(fill, kSmallestShare); }

bool BlockBuilder::Takes(const BlockFill& block) const {
  if (IsSmall(block)) return false;
  return empty() || !IsSmall(fill()) || blocks_since_small_ + 1 >= kBlocksASmall;
}

Status BlockBuilder::Add(const PartRow& row) {
  const auto index = static_cast<uint32_t>(times_.size());
  if (!lines_.empty() && lines_.size() + row.line.size() > line_page_bytes_) {
    RETURN_IF_ERROR(WriteLinePage());
  }
  times_.push_back(row.time);
  lengths_.push_back(static_cast<uint32_t>(row.line.size()));
  lines_.append(row.line);
  raw_bytes_ += row.line.size();
  ngrams_.AddLine(row.line);
  tokens_.AddLine(row.line);
  for (const LabelView& pair : row.metadata) {
    metadata_.Add(index, pair.name, pair.value);
    raw_bytes_ += pair.name.size() + pair.value.size();
  }
  return absl::OkStatus();
}

void BlockBuilder::EndRun() { groups_.AddRun(static_cast<uint32_t>(times_.size()) - groups_.rows); }

Status BlockBuilder::WriteLinePage() {
  ASSIGN_OR_RETURN(PageInfo page, pages_->WriteTextPage(lines_));
  page.kind = PageKind::kLines;
  page.first_row = page_first_row_;
  written_.push_back(page);
  lines_.clear();
  page_first_row_ = static_cast<uint32_t>(times_.size());
  return absl::OkStatus();
}

Status BlockBuilder::WritePages() {
  if (page_first_row_ < times_.size()) RETURN_IF_ERROR(WriteLinePage());
  std::string bytes;
  EncodeTimes(times_, groups_.counts, &bytes);
  ASSIGN_OR_RETURN(PageInfo times, pages_->WriteUncompressedPage(bytes));
  times.kind = PageKind::kTimes;
  written_.push_back(times);

  bytes.clear();
  EncodeLengths(lengths_, groups_.counts, &bytes);
  ASSIGN_OR_RETURN(PageInfo lengths, pages_->WritePage(bytes));
  lengths.kind = PageKind::kLengths;
  written_.push_back(lengths);

  bytes.clear();
  metadata_.EncodeLevelPage(groups_, &bytes);
  if (!bytes.empty()) {
    ASSIGN_OR_RETURN(PageInfo levels, pages_->WritePage(bytes));
    levels.kind = PageKind::kLevels;
    written_.push_back(levels);
  }

  metadata_.ForEachPair(
      [this](std::string_view name, std::string_view value) { pairs_.Add(name, value); });
  std::vector<std::string> metadata;
  metadata_.Finish(static_cast<uint32_t>(times_.size()), &metadata);
  for (const std::string& page : metadata) {
    ASSIGN_OR_RETURN(PageInfo info, pages_->WritePage(page));
    info.kind = PageKind::kMetadata;
    written_.push_back(info);
  }
  return absl::OkStatus();
}

Status BlockBuilder::Finish(BlockDirectory* directory) {
  blocks_since_small_ = IsSmall(fill()) ? 0 : blocks_since_small_ + 1;
  RETURN_IF_ERROR(WritePages());
  const auto [min_time, max_time] = std::minmax_element(times_.begin(), times_.end());
  BlockInfo info;
  info.first_row = first_row_;
  info.rows = static_cast<uint32_t>(times_.size());
  info.min_time = *min_time;
  info.max_time = *max_time;
  directory->Add(info, written_);
  ngrams_.FinishBlock();
  tokens_.FinishBlock();
  pairs_.FinishBlock();

  first_row_ += times_.size();
  times_.clear();
  lengths_.clear();
  groups_ = RowGroups();
  written_.clear();
  page_first_row_ = 0;
  raw_bytes_ = 0;
  return absl::OkStatus();
}

Status BlockBuilder::Copy(StoredBlock block, BlockDirectory* directory) {
  std::string stored;
  std::vector<PageInfo> pages;
  for (const PageInfo& page : block.pages) {
    RETURN_IF_ERROR(block.part->ReadStored(page, &stored));
    ASSIGN_OR_RETURN(const PageInfo written, pages_->WriteStored(stored, page));
    pages.push_back(written);
  }
  BlockInfo info = block.info;
  info.first_row = first_row_;
  directory->Add(info, pages);
  ngrams_.AddBlock(block.ngram_flags, std::move(block.ngrams));
  tokens_.AddBlock(block.longest_token, block.tokens);
  pairs_.AddBlock(block.pairs);
  first_row_ += info.rows;
  ++blocks_since_small_;
  return absl::OkStatus();
}

Status BlockBuilder::FinishFilters(std::string* ngram_section, std::string* token_section,
                                   std::string* metadata_section) {
  RETURN_IF_ERROR(ngrams_.Finish(pages_, ngram_section));
  tokens_.Finish(token_section);
  pairs_.Finish(metadata_section);
  return absl::OkStatus();
}

}  // namespace skald::storage
