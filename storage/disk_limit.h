// Keeps the data directory below a size by removing the oldest parts.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/part_exchange.h"

namespace skald::storage {

// Parts and the log count; only parts go, whole ones, that with the oldest newest row first,
// whatever their tenant and retention, and no more of them than need be. Needs no clock and waits
// for nothing. Threads: externally synchronised, but for parts_removed().
class DiskLimit {
 public:
  // `limit`: bytes; 0: none. `log_directory` holds the log's segments. All must outlive this.
  DiskLimit(uint64_t limit, FileSystem* files, std::string log_directory, PartExchange* engine)
      : limit_(limit), files_(files), log_directory_(std::move(log_directory)), engine_(engine) {}

  // Removes what is too much now.
  Status Enforce();

  uint64_t parts_removed() const { return parts_removed_.load(); }

 private:
  StatusOr<uint64_t> LogBytes() const;

  const uint64_t limit_;
  FileSystem* const files_;
  const std::string log_directory_;
  PartExchange* const engine_;
  std::atomic<uint64_t> parts_removed_{0};
};

}  // namespace skald::storage
