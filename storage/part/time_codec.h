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

  // Memory held besides the bytes.
  size_t charge() const;

 private:
  friend class TimesCursor;
  int64_t scale_ = 1;
  std::vector<int64_t> bases_;
  std::vector<uint32_t> packed_index_;  // group -> its packed group, or kNone
  PackedGroups differences_;
};

// Finds places in a group by time, reading no further than it must.
// Threads: externally synchronised; the page must outlive this.
class TimesCursor {
 public:
  TimesCursor(const TimesPage& page, size_t group);

  // The index within the group of its first row with a time not before `edge`; its count if there
  // is none. REQUIRES: edges do not descend from call to call.
  uint32_t Find(int64_t edge);

 private:
  PackedGroupReader steps_;
  uint64_t base_;
  uint64_t scale_;
  uint64_t distance_ = 0;  // of row index_ from base_, in units of scale_
  uint32_t steps_left_ = 0;
  uint32_t index_ = 0;
};

}  // namespace skald::storage
