// Strong identifiers.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <utility>

namespace skald {

// Names a tenant as its clients do. Never used to build a path.
using TenantId = std::string;

// Identifies a stream within a tenant: the XXH3-128 hash of the canonical label text.
struct StreamId {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const StreamId&) const = default;

  template <typename H>
  friend H AbslHashValue(H state, const StreamId& id) {
    return H::combine(std::move(state), id.high, id.low);
  }
};

// A place in the write-ahead log: the segment's number, then the record's ordinal within it.
// Positions only grow, across restarts too.
struct LogPosition {
  uint64_t segment = 0;
  uint64_t record = 0;
  auto operator<=>(const LogPosition&) const = default;
};

}  // namespace skald
