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

  // Memory held besides the bytes.
  size_t charge() const;

 private:
  friend class LengthsCursor;
  std::vector<uint64_t> totals_;
  PackedGroups lengths_;
};

// Sums the first lengths of a group, reading no further than it must.
// Threads: externally synchronised; the page must outlive this.
class LengthsCursor {
 public:
  LengthsCursor(const LengthsPage& page, size_t group)
      : lengths_(page.lengths_.Read(group)), bytes_(page.BytesBefore(group)) {}

  // How many rows of the group are summed.
  uint32_t index() const { return index_; }
  // Bytes of the block's lines before row `index` of the group.
  // REQUIRES: this->index() <= index <= count of the group.
  uint64_t BytesBefore(uint32_t index) {
    index_ += lengths_.AddUntil(~uint64_t{0}, index - index_, &bytes_);
    return bytes_;
  }

 private:
  PackedGroupReader lengths_;
  uint64_t bytes_;
  uint32_t index_ = 0;
};

}  // namespace skald::storage
