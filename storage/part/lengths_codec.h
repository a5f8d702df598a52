// The lengths page: byte lengths of a block's lines, with a running total per group, so that the
// bytes of any stretch of rows are the difference of two totals and one decoded group at each end.
//
//   varint  bytes of the sums that follow
//   sums: per group, varint of the sum of its lengths
//   packed groups (packed_groups.h) of the lengths
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/part/packed_groups.h"

namespace skald::storage {

// Appends the page for `lengths`; group i has the next counts[i] of them.
void EncodeLengths(std::span<const uint32_t> lengths, std::span<const uint32_t> counts,
                   std::string* out);

// Threads: immutable; borrows the bytes.
class LengthsPage {
 public:
  static StatusOr<LengthsPage> Parse(std::string_view bytes, std::span<const uint32_t> counts);

  // Bytes of all lines of the groups before `group`; group may be the number of groups.
  uint64_t BytesBefore(size_t group) const { return totals_[group]; }
  // Writes the group's lengths to out[0..count).
  void Decode(size_t group, uint64_t* out) const { lengths_.Decode(group, out); }
  // Writes the bytes of the lines before each row and, last, of all lines. DataLoss when the sums
  // say otherwise; else the result ascends. REQUIRES: starts.size() == rows + 1.
  Status DecodeStarts(std::span<uint64_t> starts) const;

 private:
  std::vector<uint64_t> totals_;
  PackedGroups lengths_;
};

}  // namespace skald::storage
