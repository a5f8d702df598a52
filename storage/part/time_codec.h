// The times page: timestamps of a block's rows, exact to the nanosecond.
//
// Rows are taken in groups (row_groups.h), within which times ascend. A group is its first time
// and the differences between neighbours; a power of ten that divides every time of the page is
// divided out first.
//
//   u8      scale: 0, 3, 6 or 9, the power of ten divided out
//   varint  bytes of the bases that follow
//   bases: per group, zigzag varint of (first time / scale) minus that of the group before (0)
//   packed groups (packed_groups.h) of the count - 1 differences; groups of one row have none
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/part/packed_groups.h"

namespace skald::storage {

// Appends the page for `times`; group i has the next counts[i] of them.
void EncodeTimes(std::span<const int64_t> times, std::span<const uint32_t> counts,
                 std::string* out);

// Threads: immutable; borrows the bytes.
class TimesPage {
 public:
  static StatusOr<TimesPage> Parse(std::string_view bytes, std::span<const uint32_t> counts);

  // The first, and smallest, time of a group.
  int64_t base(size_t group) const { return bases_[group]; }
  // Writes the group's times to out[0..count).
  void Decode(size_t group, int64_t* out) const;

 private:
  int64_t scale_ = 1;
  std::vector<int64_t> bases_;
  std::vector<uint32_t> packed_index_;  // group -> its packed group, or kNone
  PackedGroups differences_;
};

}  // namespace skald::storage
