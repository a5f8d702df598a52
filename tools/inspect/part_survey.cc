#include "tools/inspect/part_survey.h"

#include <numeric>
#include <optional>
#include <utility>

#include "storage/base/strings.h"
#include "storage/part/part_block.h"

namespace skald::inspect {
namespace {

using storage::BlockInfo;
using storage::PageInfo;
using storage::PageKind;
using storage::Part;
using storage::PartBlock;
using storage::SectionKind;

std::string NameOf(PageKind kind) {
  switch (kind) {
    case PageKind::kTimes:
      return "times";
    case PageKind::kLengths:
      return "lengths";
    case PageKind::kLines:
      return "lines";
    case PageKind::kMetadata:
      return "metadata";
    case PageKind::kLevels:
      return "levels";
  }
  return StrCat("pages of kind ", static_cast<int>(kind));
}

std::string NameOf(SectionKind kind) {
  switch (kind) {
    case SectionKind::kBlockDirectory:
      return "block directory";
    case SectionKind::kStreamTable:
      return "stream table";
    case SectionKind::kLabelIndex:
      return "label index";
    case SectionKind::kNgramFilter:
      return "n-gram filter";
    case SectionKind::kTokenFilter:
      return "id filter";
    case SectionKind::kMetadataFilter:
      return "metadata filter";
  }
  return StrCat("section of kind ", static_cast<uint32_t>(kind));
}

std::string NameOf(storage::MetadataEncoding encoding) {
  switch (encoding) {
    case storage::MetadataEncoding::kConstant:
      return "constant";
    case storage::MetadataEncoding::kDictionary:
      return "dictionary";
    case storage::MetadataEncoding::kPlain:
      return "plain";
    case storage::MetadataEncoding::kSparse:
      return "sparse";
  }
  return StrCat("encoding ", static_cast<int>(encoding));
}

class Surveyor {
 public:
  explicit Surveyor(std::shared_ptr<const Part> part) : part_(std::move(part)) {}

  PartSurvey Run() {
    uint64_t known = 0;
    for (const auto& section : part_->footer().sections) {
      survey_.sections[NameOf(section.kind)].Add(section.page);
      known += section.page.size;
      Note(StrCat("section ", NameOf(section.kind)), Read(section.page));
    }
    SurveySections();
    SurveyNgrams();
    SurveyBlocks();
    for (const auto& [name, size] : survey_.columns) known += size.stored;
    known += ngram_page_bytes_;
    survey_.other_bytes = part_->file_size() - std::min(part_->file_size(), known);
    return std::move(survey_);
  }

 private:
  void Note(std::string_view what, const Status& status) {
    if (!status.ok()) survey_.damages.push_back(StrCat(what, ": ", Message(status)));
  }

  Status Read(const PageInfo& page) {
    std::vector<storage::PagePtr> read;
    return part_->ReadPages({&page, 1}, &read, nullptr);
  }

  void SurveySections() {
    Note("label index", part_->Index().status());
    Note("stream table", part_->Streams().status());
    Note("id filter", part_->Tokens().status());
    Note("metadata filter", part_->MetadataPairs().status());
  }

  void SurveyNgrams() {
    const auto filter = part_->Ngrams();
    Note("n-gram filter", filter.status());
    if (!filter.ok()) return;
    PieceSize& size = survey_.sections[NameOf(SectionKind::kNgramFilter)];
    for (const PageInfo& page : (*filter)->pages()) {
      size.Add(page);
      ngram_page_bytes_ += page.size;
      Note(StrCat("n-gram filter, page at ", page.offset), Read(page));
    }
    uint64_t set = 0;
    for (uint32_t block = 0; block < (*filter)->blocks(); ++block) {
      const StatusOr<std::optional<uint32_t>> bits = (*filter)->BitsSet(*part_, block);
      if (!bits.ok()) return;  // noted with its page
      ngram_bits_.push_back(bits->value_or(0));
      if (bits->has_value()) {
        set += **bits;
      } else {
        ++survey_.dropped_ngram_filters;
      }
    }
    const uint64_t kept = (*filter)->blocks() - survey_.dropped_ngram_filters;
    if (kept > 0) survey_.ngram_fill = Share(set, kept * storage::kNgramBits);
  }

  static double Share(uint64_t part, uint64_t whole) {
    return static_cast<double>(part) / static_cast<double>(whole);
  }

  void SurveyBlocks() {
    const auto directory = part_->Directory();
    Note("block directory", directory.status());
    if (!directory.ok()) return;
    for (size_t i = 0; i < (*directory)->size(); ++i) {
      BlockSurvey block;
      block.info = (*directory)->block(i);
      bool whole = true;
      for (const PageInfo& page : (*directory)->pages(i)) {
        block.columns[NameOf(page.kind)].Add(page);
        const Status read = Read(page);
        whole = whole && read.ok();
        Note(StrCat("block ", i, ", ", NameOf(page.kind), " page at ", page.offset), read);
      }
      if (whole) Note(StrCat("block ", i), Decode(i, block.info));
      for (const auto& [name, size] : block.columns) survey_.columns[name].Add(size);
      if (i < ngram_bits_.size()) block.ngram_fill = Share(ngram_bits_[i], storage::kNgramBits);
      survey_.blocks.push_back(std::move(block));
    }
  }

  // Decodes every column of a block.
  Status Decode(size_t index, const BlockInfo& info) {
    ASSIGN_OR_RETURN(const auto block,
                     PartBlock::Open(part_, index, {storage::StreamRun{0, 0, info.rows}}, {}));
    RETURN_IF_ERROR(block->Timestamps().status());
    ASSIGN_OR_RETURN(storage::LineColumn* const lines, block->Lines());
    std::vector<uint32_t> rows(info.rows);
    std::iota(rows.begin(), rows.end(), 0);
    std::vector<std::string_view> texts(info.rows);
    RETURN_IF_ERROR(lines->Materialise(rows, std::span(texts)));
    for (size_t i = 0; i < block->metadata_names().size(); ++i) {
      RETURN_IF_ERROR(block->Metadata(i).status());
    }
    for (const storage::MetadataColumnInfo& column : block->metadata_columns()) {
      ++survey_.metadata_encodings[NameOf(column.encoding)];
    }
    return block->RankedLevels().status();
  }

  const std::shared_ptr<const Part> part_;
  PartSurvey survey_;
  std::vector<uint32_t> ngram_bits_;  // set, per block
  uint64_t ngram_page_bytes_ = 0;
};

}  // namespace

void PieceSize::Add(const PageInfo& page) {
  ++pages;
  stored += page.size;
  raw += page.raw_size;
  if (page.size != page.raw_size) ++compressed;
}

void PieceSize::Add(const PieceSize& other) {
  pages += other.pages;
  stored += other.stored;
  raw += other.raw;
  compressed += other.compressed;
}

PartSurvey SurveyPart(const std::shared_ptr<const Part>& part) { return Surveyor(part).Run(); }

}  // namespace skald::inspect
