// Keeps the part files below a size by removing the oldest.
#pragma once

#include <atomic>
#include <cstdint>

#include "storage/base/status.h"
#include "storage/state/part_exchange.h"

namespace skald::storage {

// Whole parts go, that with the oldest newest row first, whatever their tenant and retention, and
// no more of them than need be. Needs no clock and waits for nothing. The log does not count: its
// size has a bound of its own, and what a flush leaves of it goes by itself.
//
// Threads: externally synchronised, but for parts_removed().
class DiskLimit {
 public:
  // `limit`: bytes; 0: none. `engine` must outlive this.
  DiskLimit(uint64_t limit, PartExchange* engine) : limit_(limit), engine_(engine) {}

  // Removes what is too much now.
  Status Enforce();

  uint64_t parts_removed() const { return parts_removed_.load(); }

 private:
  const uint64_t limit_;
  PartExchange* const engine_;
  std::atomic<uint64_t> parts_removed_{0};
};

}  // namespace skald::storage
