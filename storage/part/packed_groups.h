// Groups of unsigned integers, each packed by its own frame of reference with patched exceptions.
//
// A group of up to kGroupRows values is stored as its minimum, a bit width, the low bits of every
// (value - minimum) packed without gaps, and the few values that need more bits as (index, high
// bits). Any group can be decoded alone.
//
//   varint  bytes of the headers that follow
//   header of every group, in order:
//     varint  minimum
//     u8      width w, 0..64
//     u8      exceptions e; 0 where w is 64
//     e times: u8 index, ascending, varint (value - minimum) >> w
//   packed bits of every group, in order, each ceil(count * w / 8) bytes; bit 0 of a value is the
//   lowest free bit of its first byte
//
// Source of the idea: Zukowski et al., "Super-Scalar RAM-CPU Cache Compression" (PFOR), 2006.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/coding.h"
#include "storage/base/status.h"

namespace skald::storage {

// Collects groups and writes them out. Threads: externally synchronised.
class PackedGroupsBuilder {
 public:
  // REQUIRES: 1 <= values.size() <= kGroupRows.
  void Add(std::span<const uint64_t> values);
  // Appends the encoding of all groups to `out` and forgets them.
  void Finish(std::string* out);

 private:
  std::string headers_;
  std::string packed_;
};

// The values of one group, one after the other. Threads: externally synchronised; borrows the
// bytes.
class PackedGroupReader {
 public:
  PackedGroupReader() = default;  // of no values

  // REQUIRES: called at most as often as the group has values.
  uint64_t Next();

  // Adds the next values, `count` at most, to `sum` until it is `target` or more; returns how many
  // were added. REQUIRES: the group has so many.
  uint32_t AddUntil(uint64_t target, uint32_t count, uint64_t* sum);

 private:
  friend class PackedGroups;
  static constexpr uint32_t kNoException = ~uint32_t{0};

  PackedGroupReader(std::string_view packed, std::string_view exceptions, uint64_t minimum,
                    int width, int exception_count);
  void ReadException();
  // AddUntil for values of which PlainAhead() says that they are plain. REQUIRES: *sum < target.
  uint32_t AddPlain(uint64_t target, uint32_t count, uint64_t* sum);
  // How many of the next values are neither exceptions nor at the end of the bytes.
  uint32_t PlainAhead() const;

  std::string_view packed_;  // from the group's first byte on
  ByteReader exceptions_{std::string_view()};
  uint64_t minimum_ = 0;
  uint64_t mask_ = 0;
  uint64_t high_ = 0;  // of the next exception
  size_t bit_ = 0;     // of the next value
  int width_ = 0;
  int exceptions_left_ = 0;
  uint32_t next_exception_ = kNoException;  // its index
  uint32_t index_ = 0;                      // of the next value
};

// Reads what PackedGroupsBuilder wrote. Threads: immutable; borrows the bytes.
class PackedGroups {
 public:
  PackedGroups() = default;
  // `counts[i]` is the number of values of group i. The bytes must outlive this.
  // DataLoss when they are not a whole encoding of such groups.
  static StatusOr<PackedGroups> Parse(std::string_view bytes, std::span<const uint32_t> counts);

  size_t groups() const { return groups_.size(); }
  uint32_t count(size_t group) const { return groups_[group].count; }
  // Writes the values of a group to out[0..count(group)).
  void Decode(size_t group, uint64_t* out) const;
  // For who needs only the first values of a group.
  PackedGroupReader Read(size_t group) const;

  // Memory held besides the bytes.
  size_t charge() const { return groups_.capacity() * sizeof(Group); }

 private:
  struct Group {
    uint64_t minimum;
    uint64_t packed_offset;
    uint32_t exceptions_offset;
    uint32_t count;
    uint8_t width;
    uint8_t exceptions;
  };
  std::vector<Group> groups_;
  std::string_view headers_;
  std::string_view packed_;
};

}  // namespace skald::storage
