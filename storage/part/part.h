// An open part: its footer in memory, everything else fetched by need through the page cache.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/cache/page_cache.h"
#include "storage/model/ids.h"
#include "storage/part/block_directory.h"
#include "storage/part/label_index.h"
#include "storage/part/lengths_codec.h"
#include "storage/part/metadata_filter.h"
#include "storage/part/ngram_filter.h"
#include "storage/part/stream_ids.h"
#include "storage/part/stream_table.h"
#include "storage/part/time_codec.h"
#include "storage/part/token_filter.h"

namespace skald::storage {

// The footer, as plain values.
struct PartFooter {
  struct Section {
    SectionKind kind;
    PageInfo page;
  };

  uint32_t format_version = 0;
  std::string tenant;
  uint32_t level = 0;
  int32_t day = -1;
  uint32_t retention_class = 0;
  uint64_t rows = 0;
  uint64_t line_bytes = 0;
  uint64_t metadata_bytes = 0;
  int64_t min_time = 0;
  int64_t max_time = 0;
  uint32_t streams = 0;
  LogPosition log_first;
  LogPosition log_last;
  std::vector<uint64_t> replaces;
  std::vector<Section> sections;
};

// Decoded bytes of a page or section.
class PageBytes {
 public:
  explicit PageBytes(size_t size)
      : data_(std::make_unique_for_overwrite<char[]>(size)), size_(size) {}
  char* data() { return data_.get(); }
  std::string_view view() const { return {data_.get(), size_}; }
  size_t size() const { return size_; }

 private:
  std::unique_ptr<char[]> data_;
  size_t size_;
};
using PagePtr = std::shared_ptr<const PageBytes>;

// Threads: thread-safe; shared by the snapshots that show it. Removes its file when the last of
// them goes after MarkObsolete().
class Part {
 public:
  // Reads and verifies the footer. DataLoss: this is not a whole part file.
  // FailedPrecondition: another version of the format.
  static StatusOr<std::shared_ptr<Part>> Open(FileSystem* files, std::string path,
                                              uint64_t file_number, PageCache* cache);
  ~Part();
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  const PartFooter& footer() const { return footer_; }
  uint64_t file_number() const { return file_number_; }
  uint64_t file_size() const { return file_->size(); }

  // Sections; what they say of rows and streams agrees with the footer.
  StatusOr<std::shared_ptr<const BlockDirectory>> Directory() const;
  StatusOr<std::shared_ptr<const StreamTable>> Streams() const;
  StatusOr<std::shared_ptr<const LabelIndex>> Index() const;
  StatusOr<std::shared_ptr<const StreamIds>> Ids() const;
  StatusOr<std::shared_ptr<const NgramFilter>> Ngrams() const;
  StatusOr<std::shared_ptr<const TokenFilter>> Tokens() const;
  StatusOr<std::shared_ptr<const MetadataFilter>> MetadataPairs() const;

  // Reads a page of times or lengths, with its headers, through the cache. `counts`: rows of each
  // of the block's groups. `compressed_bytes` as below.
  StatusOr<std::shared_ptr<const TimesPage>> ReadTimes(const PageInfo& page,
                                                       std::span<const uint32_t> counts,
                                                       uint64_t* compressed_bytes) const;
  StatusOr<std::shared_ptr<const LengthsPage>> ReadLengths(const PageInfo& page,
                                                           std::span<const uint32_t> counts,
                                                           uint64_t* compressed_bytes) const;

  // Reads pages in one batch, through the cache. out[i] is pages[i]; `compressed_bytes`, if not
  // null, grows by what was read from the file.
  Status ReadPages(std::span<const PageInfo> pages, std::vector<PagePtr>* out,
                   uint64_t* compressed_bytes) const;

  // Reads a page as it is stored, past the cache, and checks its bytes.
  Status ReadStored(const PageInfo& page, std::string* stored) const;

  // Has the file removed once nobody uses the part any more.
  void MarkObsolete() const { obsolete_.store(true); }

 private:
  Part(FileSystem* files, std::string path, uint64_t file_number, PageCache* cache)
      : files_(files), path_(std::move(path)), file_number_(file_number), cache_(cache) {}
  Status ReadFooter();
  Status ReadRaw(const PageInfo& page, std::string* stored) const;
  Status CheckStored(const PageInfo& page, std::string_view stored) const;
  StatusOr<PagePtr> ReadUncached(const PageInfo& page, std::string_view stored) const;
  // Reads what lies on disk for a page or section, and decodes it.
  StatusOr<PagePtr> ReadFile(const PageInfo& page) const;
  template <typename T>
  StatusOr<std::shared_ptr<const T>> CachedGroups(const PageInfo& page, CacheKind kind,
                                                  std::span<const uint32_t> counts,
                                                  uint64_t* compressed_bytes) const;
  template <typename T, typename Parse>
  StatusOr<std::shared_ptr<const T>> CachedSection(SectionKind kind, Parse parse) const;

  FileSystem* const files_;
  const std::string path_;
  const uint64_t file_number_;
  PageCache* const cache_;
  std::unique_ptr<RandomAccessFile> file_;
  PartFooter footer_;
  mutable std::atomic<bool> obsolete_{false};
};

}  // namespace skald::storage
