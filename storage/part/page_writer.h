// Writes pages and sections one after the other into a part file: compresses, checks, counts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "storage/base/compression.h"
#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/part/block_directory.h"

namespace skald::storage {

// Threads: externally synchronised.
class PageWriter {
 public:
  PageWriter(std::unique_ptr<WritableFile> file, CompressionEffort effort)
      : file_(std::move(file)), compressor_(effort) {}

  // Writes bytes as they are.
  Status WriteRaw(std::string_view bytes);
  // Writes a page: compressed when that makes it at least a sixteenth smaller, else as it is.
  // `kind` and `first_row` are left for the caller to fill.
  StatusOr<PageInfo> WritePage(std::string_view raw);
  // The same for a page of lines.
  StatusOr<PageInfo> WriteTextPage(std::string_view raw);
  // Writes packed integers, which zstd would only look at in vain.
  StatusOr<PageInfo> WriteUncompressedPage(std::string_view raw);

  // Writes the stored bytes of a page of another part; `page` says what they are.
  StatusOr<PageInfo> WriteStored(std::string_view stored, const PageInfo& page);

  // Syncs and closes. Nothing may follow.
  Status Finish();

  uint64_t offset() const { return offset_; }

 private:
  // Writes compressed_ if it is enough smaller than `raw`, else that.
  StatusOr<PageInfo> WriteSmaller(std::string_view raw);

  std::unique_ptr<WritableFile> file_;
  ZstdCompressor compressor_;
  std::string compressed_;
  uint64_t offset_ = 0;
  uint64_t written_back_ = 0;
};

}  // namespace skald::storage
