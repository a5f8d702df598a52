// A window that moves over a file, so that a big file is read in big pieces and little memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/base/units.h"

namespace skald::storage {

// Threads: externally synchronised.
class FileWindow {
 public:
  static constexpr size_t kSize = 1_MiB;

  explicit FileWindow(std::unique_ptr<RandomAccessFile> file) : file_(std::move(file)) {}

  // The bytes from `offset` on that are in memory: at least `size`, fewer only where the file ends.
  // Valid until the next call.
  StatusOr<std::string_view> View(uint64_t offset, size_t size);

  uint64_t file_size() const { return file_->size(); }

 private:
  std::unique_ptr<RandomAccessFile> file_;
  uint64_t start_ = 0;  // of buffer_ in the file
  std::string buffer_;
};

}  // namespace skald::storage
