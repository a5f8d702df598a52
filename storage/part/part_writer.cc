#include "storage/part/part_writer.h"

#include <algorithm>
#include <utility>

#include "part_generated.h"
#include "storage/base/coding.h"
#include "storage/base/crc32c.h"
#include "storage/model/metadata_volume.h"
#include "storage/part/part_format.h"

namespace skald::storage {
namespace {

fb::Section MakeSection(SectionKind kind, const PageInfo& page) {
  return fb::Section(static_cast<uint32_t>(kind), page.checksum, page.offset, page.size,
                     page.raw_size);
}

fb::Position MakePosition(LogPosition position) {
  return fb::Position(position.segment, position.record);
}

}  // namespace

PartWriter::PartWriter(std::unique_ptr<WritableFile> file, CompressionEffort effort,
                       uint32_t line_page_bytes, uint32_t block_bytes)
    : pages_(std::move(file), effort), block_(&pages_, line_page_bytes, block_bytes) {}

Status PartWriter::Begin() {
  return pages_.offset() == 0 ? pages_.WriteRaw(kPartMagic) : absl::OkStatus();
}

Status PartWriter::FinishBlock() {
  block_.EndRun();
  return block_.Finish(&directory_);
}

Status PartWriter::Add(const PartRow& row) {
  RETURN_IF_ERROR(Begin());
  if (block_.full()) RETURN_IF_ERROR(FinishBlock());
  RETURN_IF_ERROR(block_.Add(row));
  CountRow(row.time, row.line.size(), row.metadata);
  return absl::OkStatus();
}

Status PartWriter::CopyBlock(StoredBlock block) {
  RETURN_IF_ERROR(Begin());
  if (!block_.empty()) RETURN_IF_ERROR(FinishBlock());
  return block_.Copy(std::move(block), &directory_);
}

void PartWriter::CountRow(int64_t time, uint64_t line_bytes, std::span<const LabelView> metadata) {
  if (rows_ == 0) min_time_ = max_time_ = time;
  if (extent_.rows == 0) extent_.min_time = time;
  extent_.max_time = time;
  ++extent_.rows;
  extent_.line_bytes += line_bytes;
  CountMetadata(metadata);
  ++rows_;
}

void PartWriter::CountMetadata(std::span<const LabelView> pairs) {
  extent_.metadata_bytes += MetadataVolume(pairs, before_);
  if (std::equal(pairs.begin(), pairs.end(), before_.begin(), before_.end())) return;
  before_.clear();
  before_text_.clear();
  for (const LabelView& pair : pairs) before_text_.append(pair.name).append(pair.value);
  const std::string_view text = before_text_;
  size_t at = 0;
  for (const LabelView& pair : pairs) {
    const size_t value_at = at + pair.name.size();
    before_.push_back(
        {text.substr(at, pair.name.size()), text.substr(value_at, pair.value.size())});
    at = value_at + pair.value.size();
  }
}

Status PartWriter::EndStream(const LabelSet& labels) {
  block_.EndRun();
  streams_.Add(labels, extent_);
  line_bytes_ += extent_.line_bytes;
  metadata_bytes_ += extent_.metadata_bytes;
  min_time_ = std::min(min_time_, extent_.min_time);
  max_time_ = std::max(max_time_, extent_.max_time);
  extent_ = StreamExtent();
  before_.clear();
  return absl::OkStatus();
}

StatusOr<PartSummary> PartWriter::Finish(const PartProperties& properties) {
  if (!block_.empty()) RETURN_IF_ERROR(FinishBlock());
  if (directory_.rows() != rows_) return Internal("a copied block's rows were not all counted");
  RETURN_IF_ERROR(WriteFooter(properties));
  RETURN_IF_ERROR(pages_.Finish());
  return PartSummary{rows_, pages_.offset(), min_time_, max_time_};
}

Status PartWriter::WriteFooter(const PartProperties& properties) {
  std::string label_index;
  std::string stream_table;
  streams_.Finish(&label_index, &stream_table);
  std::string ngram_filter;
  std::string token_filter;
  std::string metadata_filter;
  RETURN_IF_ERROR(block_.FinishFilters(&ngram_filter, &token_filter, &metadata_filter));
  std::vector<fb::Section> sections;
  ASSIGN_OR_RETURN(const PageInfo ngrams, pages_.WritePage(ngram_filter));
  sections.push_back(MakeSection(SectionKind::kNgramFilter, ngrams));
  ASSIGN_OR_RETURN(const PageInfo tokens, pages_.WritePage(token_filter));
  sections.push_back(MakeSection(SectionKind::kTokenFilter, tokens));
  ASSIGN_OR_RETURN(const PageInfo pairs, pages_.WritePage(metadata_filter));
  sections.push_back(MakeSection(SectionKind::kMetadataFilter, pairs));
  ASSIGN_OR_RETURN(const PageInfo directory, pages_.WritePage(directory_.Encode()));
  sections.push_back(MakeSection(SectionKind::kBlockDirectory, directory));
  ASSIGN_OR_RETURN(const PageInfo table, pages_.WritePage(stream_table));
  sections.push_back(MakeSection(SectionKind::kStreamTable, table));
  ASSIGN_OR_RETURN(const PageInfo index, pages_.WritePage(label_index));
  sections.push_back(MakeSection(SectionKind::kLabelIndex, index));

  flatbuffers::FlatBufferBuilder builder;
  const auto tenant = builder.CreateString(properties.tenant);
  const auto replaces = builder.CreateVector(properties.replaces);
  const auto section_vector = builder.CreateVectorOfStructs(sections);
  const fb::Position first = MakePosition(properties.log_first);
  const fb::Position last = MakePosition(properties.log_last);
  fb::FooterBuilder footer(builder);
  footer.add_format_version(kPartFormatVersion);
  footer.add_reader_version(kPartReaderVersion);
  footer.add_tenant(tenant);
  footer.add_level(properties.level);
  footer.add_day(properties.day);
  footer.add_retention_class(properties.retention_class);
  footer.add_rows(rows_);
  footer.add_line_bytes(line_bytes_);
  footer.add_metadata_bytes(metadata_bytes_);
  footer.add_min_time(min_time_);
  footer.add_max_time(max_time_);
  footer.add_streams(static_cast<uint32_t>(streams_.size()));
  footer.add_blocks(static_cast<uint32_t>(directory_.size()));
  footer.add_log_first(&first);
  footer.add_log_last(&last);
  footer.add_replaces(replaces);
  footer.add_sections(section_vector);
  builder.Finish(footer.Finish());

  const std::string_view bytes(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                               builder.GetSize());
  if (bytes.size() > kMaxFooterSize) return Internal("part footer too large");
  RETURN_IF_ERROR(pages_.WriteRaw(bytes));
  std::string tail;
  PutFixed32(&tail, static_cast<uint32_t>(bytes.size()));
  PutFixed32(&tail, Crc32c(bytes));
  tail.append(kPartMagic);
  return pages_.WriteRaw(tail);
}

}  // namespace skald::storage
