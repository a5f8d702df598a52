#include "storage/wal/file_window.h"

#include <algorithm>

namespace skald::storage {

StatusOr<std::string_view> FileWindow::View(uint64_t offset, size_t size) {
  const uint64_t end = std::min<uint64_t>(offset + size, file_size());
  if (offset >= file_size()) return std::string_view();
  if (offset < start_ || end > start_ + buffer_.size()) {
    const uint64_t wanted = std::max<uint64_t>(size, kSize);
    start_ = offset;
    buffer_.resize(std::min(wanted, file_size() - offset));
    const ReadRange range{offset, buffer_.size(), buffer_.data()};
    if (Status status = file_->ReadRanges({&range, 1}); !status.ok()) {
      buffer_.clear();
      return status;
    }
  }
  return std::string_view(buffer_).substr(offset - start_);
}

}  // namespace skald::storage
