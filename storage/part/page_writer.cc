#include "storage/part/page_writer.h"

#include "storage/base/crc32c.h"
#include "storage/base/units.h"

namespace skald::storage {
namespace {
// Dirty pages are handed to the disk this often, so that the log's sync never waits behind them.
constexpr uint64_t kWritebackBytes = 1_MiB;
}  // namespace

Status PageWriter::WriteRaw(std::string_view bytes) {
  RETURN_IF_ERROR(file_->Append(bytes));
  offset_ += bytes.size();
  if (offset_ - written_back_ >= kWritebackBytes) {
    file_->StartWriteback();
    written_back_ = offset_;
  }
  return absl::OkStatus();
}

StatusOr<PageInfo> PageWriter::WritePage(std::string_view raw) {
  compressed_.clear();
  RETURN_IF_ERROR(compressor_.Compress(raw, &compressed_));
  return WriteSmaller(raw);
}

StatusOr<PageInfo> PageWriter::WriteTextPage(std::string_view raw) {
  compressed_.clear();
  RETURN_IF_ERROR(compressor_.CompressText(raw, &compressed_));
  return WriteSmaller(raw);
}

StatusOr<PageInfo> PageWriter::WriteSmaller(std::string_view raw) {
  if (raw.size() > kMaxPageRawBytes) return Internal("a page of a part is too large");
  if (compressed_.size() + raw.size() / 16 >= raw.size()) return WriteUncompressedPage(raw);
  ASSIGN_OR_RETURN(PageInfo page, WriteUncompressedPage(compressed_));
  page.raw_size = static_cast<uint32_t>(raw.size());
  return page;
}

StatusOr<PageInfo> PageWriter::WriteUncompressedPage(std::string_view raw) {
  PageInfo page;
  page.offset = offset_;
  page.size = static_cast<uint32_t>(raw.size());
  page.raw_size = page.size;
  page.checksum = Crc32c(raw);
  RETURN_IF_ERROR(WriteRaw(raw));
  return page;
}

StatusOr<PageInfo> PageWriter::WriteStored(std::string_view stored, const PageInfo& page) {
  PageInfo written = page;
  written.offset = offset_;
  RETURN_IF_ERROR(WriteRaw(stored));
  return written;
}

Status PageWriter::Finish() {
  RETURN_IF_ERROR(file_->Sync());
  return file_->Close();
}

}  // namespace skald::storage
