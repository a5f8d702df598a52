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

// Sums the values of one group from the first on. Threads: externally synchronised; borrows the
// bytes.
class PackedGroupReader {
 public:
  PackedGroupReader() = default;  // of no values

  // Adds the next values, `count` at most, to `sum` until it is `target` or more; returns how many
  // were added. REQUIRES: the group has so many.
  uint32_t AddUntil(uint64_t target, uint32_t count, uint64_t* sum);

 private:
  friend class PackedGroups;

  // The exceptions of a group, one after the other.
  struct Exceptions {
    static constexpr uint32_t kNone = ~uint32_t{0};

    void ReadNext();

    ByteReader bytes{std::string_view()};
    int left = 0;            // after the one that was read
    uint32_t index = kNone;  // of the value that it belongs to
    uint64_t high = 0;
  };

  PackedGroupReader(std::string_view packed, std::string_view exceptions, uint64_t minimum,
                    int width, int exception_count);
  // The next value. REQUIRES: the group has one.
  uint64_t Next();
  // The bits that are packed of the value at a bit offset. REQUIRES: HasWords.
  uint64_t LowAt(size_t bit) const {
    return (LoadFixed<uint64_t>(packed_.data() + (bit >> 3)) >> (bit & 7)) & mask_;
  }
  // True if the next `count` values can be read a word each.
  bool HasWords(size_t count) const {
    const size_t last = bit_ + (count - 1) * static_cast<size_t>(width_);
    return width_ <= 56 && (last >> 3) + sizeof(uint64_t) <= packed_.size();
  }
  void Skip(uint32_t count) {
    index_ += count;
    bit_ += count * static_cast<size_t>(width_);
  }
  // Adds the next kStride values if the sum stays below the target. REQUIRES: HasWords(kStride).
  bool AddStride(uint64_t target, uint64_t* sum);
  // Adds the next values, `count` and kStride at most, until the sum is `target` or more; returns
  // how many were added. REQUIRES: HasWords(kStride).
  uint32_t AddSome(uint64_t target, uint32_t count, uint64_t* sum);

  std::string_view packed_;  // from the group's first byte on
  uint64_t minimum_ = 0;
  uint64_t mask_ = 0;
  size_t bit_ = 0;  // of the next value
  int width_ = 0;
  uint32_t index_ = 0;  // of the next value
  Exceptions exceptions_;
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
  // For who needs sums of the first values of a group.
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
