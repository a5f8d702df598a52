#include "storage/part/part.h"

#include <utility>

#include "part_generated.h"
#include "storage/base/coding.h"
#include "storage/base/compression.h"
#include "storage/base/crc32c.h"
#include "storage/base/log.h"
#include "storage/base/public_text.h"
#include "storage/part/part_format.h"

namespace skald::storage {
namespace {

Status Decompress(std::string_view stored, PageBytes* out) {
  // One context a thread: it is 160 KiB and costs more to make than a small page to decode.
  static thread_local ZstdDecompressor decompressor;
  return decompressor.Decompress(stored, out->data(), out->size());
}

bool IsFilter(SectionKind kind) {
  return kind == SectionKind::kNgramFilter || kind == SectionKind::kTokenFilter ||
         kind == SectionKind::kMetadataFilter;
}

LogPosition FromFb(const fb::Position* position) {
  if (position == nullptr) return {};
  return {position->segment(), position->record()};
}

Status CheckVersion(const fb::Footer& footer) {
  if (footer.format_version() == 0) {
    return absl::FailedPreconditionError(
        "part format version 0, which was never released, cannot be read");
  }
  if (footer.reader_version() > kPartFormatVersion) {
    return absl::FailedPreconditionError(
        StrCat("part format version ", footer.format_version(), " needs a reader of version ",
               footer.reader_version(), "; this one reads up to ", kPartFormatVersion));
  }
  return absl::OkStatus();
}

// The verifier looks at where a vector lies, not at whether its elements are aligned. Those of an
// empty one need not be.
bool AreVectorsAligned(const fb::Footer& footer) {
  const auto is_aligned = [](const auto* vector) {
    return vector == nullptr || vector->size() == 0 ||
           reinterpret_cast<uintptr_t>(vector->Data()) % sizeof(uint64_t) == 0;
  };
  return is_aligned(footer.replaces()) && is_aligned(footer.applied_deletes()) &&
         is_aligned(footer.sections());
}

}  // namespace

StatusOr<std::shared_ptr<Part>> Part::Open(FileSystem* files, std::string path,
                                           uint64_t file_number, PageCache* cache) {
  std::shared_ptr<Part> part(new Part(files, std::move(path), file_number, cache));
  ASSIGN_OR_RETURN(part->file_, files->NewRandomAccessFile(part->path_));
  const Status status = part->ReadFooter();
  if (!status.ok()) return AnnotateForLog(status, part->path_);
  return part;
}

Part::~Part() {
  if (!obsolete_.load()) return;
  cache_->EraseFile(file_number_);
  const Status status = files_->RemoveFile(path_);
  if (!status.ok()) {
    SKALD_LOG(kWarn, "removing a part failed", {{"path", path_}, {"err", Message(status)}});
  }
}

Status Part::ReadFooter() {
  const uint64_t size = file_->size();
  if (size < kPartMagic.size() + kPartTailSize) return DataLoss("part file too short");
  std::string tail(kPartTailSize, '\0');
  const ReadRange tail_range{size - kPartTailSize, kPartTailSize, tail.data()};
  RETURN_IF_ERROR(file_->ReadRanges({&tail_range, 1}));
  const auto footer_size = LoadFixed<uint32_t>(tail.data());
  const auto checksum = LoadFixed<uint32_t>(tail.data() + 4);
  if (std::string_view(tail).substr(8) != kPartMagic || footer_size > kMaxFooterSize ||
      footer_size > size - kPartTailSize) {
    return DataLoss("not a part file, or its end is missing");
  }
  std::string bytes(footer_size, '\0');
  const ReadRange range{size - kPartTailSize - footer_size, footer_size, bytes.data()};
  RETURN_IF_ERROR(file_->ReadRanges({&range, 1}));
  if (Crc32c(bytes) != checksum) return DataLoss("part footer checksum mismatch");
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (!fb::VerifyFooterBuffer(verifier)) return DataLoss("part footer is malformed");

  const fb::Footer* footer = fb::GetFooter(bytes.data());
  if (!AreVectorsAligned(*footer)) return DataLoss("part footer is malformed");
  RETURN_IF_ERROR(CheckVersion(*footer));
  footer_.format_version = footer->format_version();
  if (footer->tenant() != nullptr) footer_.tenant = footer->tenant()->str();
  footer_.level = footer->level();
  footer_.day = footer->day();
  footer_.retention_class = footer->retention_class();
  footer_.rows = footer->rows();
  footer_.line_bytes = footer->line_bytes();
  footer_.metadata_bytes = footer->metadata_bytes();
  footer_.min_time = footer->min_time();
  footer_.max_time = footer->max_time();
  footer_.streams = footer->streams();
  footer_.log_first = FromFb(footer->log_first());
  footer_.log_last = FromFb(footer->log_last());
  if (footer->replaces() != nullptr) {
    footer_.replaces.assign(footer->replaces()->begin(), footer->replaces()->end());
  }
  if (footer->sections() == nullptr) return DataLoss("part footer has no sections");
  for (const fb::Section* section : *footer->sections()) {
    if (section->offset() > size || section->size() > size - section->offset() ||
        section->size() > kMaxPageRawBytes || section->raw_size() > kMaxPageRawBytes) {
      return DataLoss("part section lies outside the file or is too large");
    }
    PageInfo page;
    page.offset = section->offset();
    page.size = static_cast<uint32_t>(section->size());
    page.raw_size = static_cast<uint32_t>(section->raw_size());
    page.checksum = section->checksum();
    footer_.sections.push_back({static_cast<SectionKind>(section->kind()), page});
  }
  return absl::OkStatus();
}

Status Part::CheckStored(const PageInfo& page, std::string_view stored) const {
  if (Crc32c(stored) == page.checksum) return absl::OkStatus();
  return AnnotateForLog(DataLoss(StrCat("checksum mismatch in the page at ", page.offset)), path_);
}

StatusOr<PagePtr> Part::ReadUncached(const PageInfo& page, std::string_view stored) const {
  RETURN_IF_ERROR(CheckStored(page, stored));
  auto bytes = std::make_shared<PageBytes>(page.raw_size);
  if (page.size == page.raw_size) {
    std::memcpy(bytes->data(), stored.data(), stored.size());
  } else {
    RETURN_IF_ERROR(AnnotateForLog(Decompress(stored, bytes.get()), path_));
  }
  return PagePtr(std::move(bytes));
}

Status Part::ReadPages(std::span<const PageInfo> pages, std::vector<PagePtr>* out,
                       uint64_t* compressed_bytes) const {
  out->assign(pages.size(), nullptr);
  std::vector<size_t> missing;
  std::vector<ReadRange> ranges;
  uint64_t stored_bytes = 0;
  for (size_t i = 0; i < pages.size(); ++i) {
    // An empty page has no offset of its own to be cached under.
    if (pages[i].size > 0) (*out)[i] = cache_->Find<PageBytes>({file_number_, pages[i].offset});
    if (const PagePtr& cached = (*out)[i]; cached != nullptr) {
      // Only of a crafted part do two pages have one place and different sizes.
      if (cached->size() == pages[i].raw_size) continue;
      return DataLoss(StrCat(path_, ": two sizes of the page at ", pages[i].offset));
    }
    missing.push_back(i);
    stored_bytes += pages[i].size;
  }
  if (missing.empty()) return absl::OkStatus();
  const auto buffer = std::make_unique_for_overwrite<char[]>(stored_bytes);
  char* to = buffer.get();
  for (const size_t i : missing) {
    ranges.push_back({pages[i].offset, pages[i].size, to});
    to += pages[i].size;
  }
  RETURN_IF_ERROR(file_->ReadRanges(ranges));
  for (size_t k = 0; k < missing.size(); ++k) {
    const PageInfo& page = pages[missing[k]];
    ASSIGN_OR_RETURN(PagePtr bytes, ReadUncached(page, {ranges[k].data, ranges[k].size}));
    if (page.size > 0) {
      cache_->Insert<PageBytes>({file_number_, page.offset}, bytes, bytes->size());
    }
    (*out)[missing[k]] = std::move(bytes);
  }
  if (compressed_bytes != nullptr) *compressed_bytes += stored_bytes;
  return absl::OkStatus();
}

Status Part::ReadRaw(const PageInfo& page, std::string* stored) const {
  stored->resize(page.size);
  const ReadRange range{page.offset, stored->size(), stored->data()};
  return file_->ReadRanges({&range, 1});
}

Status Part::ReadStored(const PageInfo& page, std::string* stored) const {
  RETURN_IF_ERROR(ReadRaw(page, stored));
  return CheckStored(page, *stored);
}

StatusOr<PagePtr> Part::ReadFile(const PageInfo& page) const {
  std::string stored;
  RETURN_IF_ERROR(ReadRaw(page, &stored));
  return ReadUncached(page, stored);
}

template <typename T>
StatusOr<std::shared_ptr<const T>> Part::CachedGroups(const PageInfo& page, CacheKind kind,
                                                      std::span<const uint32_t> counts,
                                                      uint64_t* compressed_bytes) const {
  struct Parsed {
    PagePtr bytes;
    T page;
  };
  const CacheKey key{file_number_, page.offset, kind};
  if (auto cached = cache_->Find<T>(key); cached != nullptr) return cached;
  ASSIGN_OR_RETURN(PagePtr bytes, ReadFile(page));
  if (compressed_bytes != nullptr) *compressed_bytes += page.size;
  StatusOr<T> parsed = T::Parse(bytes->view(), counts);
  if (!parsed.ok()) return AnnotateForLog(parsed.status(), path_);
  const uint64_t charge = bytes->size() + parsed->charge();
  const auto both = std::make_shared<const Parsed>(std::move(bytes), *std::move(parsed));
  std::shared_ptr<const T> result(both, &both->page);
  cache_->Insert<T>(key, result, charge);
  return result;
}

StatusOr<std::shared_ptr<const TimesPage>> Part::ReadTimes(const PageInfo& page,
                                                           std::span<const uint32_t> counts,
                                                           uint64_t* compressed_bytes) const {
  return CachedGroups<TimesPage>(page, CacheKind::kTimes, counts, compressed_bytes);
}

StatusOr<std::shared_ptr<const LengthsPage>> Part::ReadLengths(const PageInfo& page,
                                                               std::span<const uint32_t> counts,
                                                               uint64_t* compressed_bytes) const {
  return CachedGroups<LengthsPage>(page, CacheKind::kLengths, counts, compressed_bytes);
}

template <typename T, typename Parse>
StatusOr<std::shared_ptr<const T>> Part::CachedSection(SectionKind kind, Parse parse) const {
  for (const PartFooter::Section& section : footer_.sections) {
    if (section.kind != kind) continue;
    const CacheKind cached_as = IsFilter(kind) ? CacheKind::kFilter : CacheKind::kSection;
    const CacheKey key{file_number_, static_cast<uint64_t>(kind), cached_as};
    auto cached = cache_->Find<T>(key);
    if (cached != nullptr) return cached;
    ASSIGN_OR_RETURN(const PagePtr bytes, ReadFile(section.page));
    StatusOr<std::unique_ptr<T>> parsed = parse(bytes->view());
    if (!parsed.ok()) return AnnotateForLog(parsed.status(), path_);
    std::shared_ptr<const T> object = *std::move(parsed);
    cache_->Insert<T>(key, object, object->charge());
    return object;
  }
  return AnnotateForLog(DataLoss(StrCat("section ", static_cast<uint32_t>(kind), " is missing")),
                        path_);
}

StatusOr<std::shared_ptr<const BlockDirectory>> Part::Directory() const {
  return CachedSection<BlockDirectory>(
      SectionKind::kBlockDirectory,
      [this](std::string_view bytes) -> StatusOr<std::unique_ptr<BlockDirectory>> {
        ASSIGN_OR_RETURN(auto directory, BlockDirectory::Parse(bytes, file_size()));
        if (directory->rows() != footer_.rows) return DataLoss("blocks and footer disagree");
        return directory;
      });
}

StatusOr<std::shared_ptr<const LabelIndex>> Part::Index() const {
  return CachedSection<LabelIndex>(SectionKind::kLabelIndex, [this](std::string_view bytes) {
    return LabelIndex::Parse(std::string(bytes), footer_.streams);
  });
}

StatusOr<std::shared_ptr<const StreamTable>> Part::Streams() const {
  return CachedSection<StreamTable>(
      SectionKind::kStreamTable,
      [this](std::string_view bytes) -> StatusOr<std::unique_ptr<StreamTable>> {
        ASSIGN_OR_RETURN(const auto index, Index());
        ASSIGN_OR_RETURN(auto streams,
                         StreamTable::Parse(bytes, footer_.min_time, index->values()));
        if (streams->size() != footer_.streams ||
            streams->first_row(streams->size()) != footer_.rows) {
          return DataLoss("stream table and footer disagree");
        }
        return streams;
      });
}

StatusOr<std::shared_ptr<const StreamIds>> Part::Ids() const {
  const CacheKey key{file_number_, 0, CacheKind::kStreamIds};
  auto ids = cache_->Find<StreamIds>(key);
  if (ids != nullptr) return ids;
  ASSIGN_OR_RETURN(auto streams, Streams());
  ASSIGN_OR_RETURN(auto index, Index());
  ids = std::make_shared<const StreamIds>(std::move(streams), std::move(index));
  cache_->Insert<StreamIds>(key, ids, ids->charge());
  return ids;
}

StatusOr<std::shared_ptr<const NgramFilter>> Part::Ngrams() const {
  return CachedSection<NgramFilter>(SectionKind::kNgramFilter, [this](std::string_view bytes) {
    return NgramFilter::Parse(bytes, file_size());
  });
}

StatusOr<std::shared_ptr<const TokenFilter>> Part::Tokens() const {
  return CachedSection<TokenFilter>(SectionKind::kTokenFilter, [](std::string_view bytes) {
    return TokenFilter::Parse(std::string(bytes));
  });
}

StatusOr<std::shared_ptr<const MetadataFilter>> Part::MetadataPairs() const {
  return CachedSection<MetadataFilter>(SectionKind::kMetadataFilter, [](std::string_view bytes) {
    return MetadataFilter::Parse(std::string(bytes));
  });
}

}  // namespace skald::storage
