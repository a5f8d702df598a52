// The levels page: how many rows of each full group of a block have each value of detected_level.
//
// Written only where that column is a dictionary of at most kMaxRankedLevels values; the page's
// values are the dictionary's, in its order.
//
//   u8  values n
//   n times: a byte per group of kGroupRows rows, in order: how many of its rows have the value
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/part/metadata_codec.h"
#include "storage/part/row_groups.h"

namespace skald::storage {

// Appends the page for codes of a dictionary of `values` values, a code per row (0: absent).
// Nothing when no group is full. REQUIRES: 1 <= values <= kMaxRankedLevels.
void EncodeLevels(std::span<const uint32_t> codes, uint32_t values, const RowGroups& groups,
                  std::string* out);

// Counts a block's rows by level, decoding at most one group a question.
// Threads: immutable; borrows the dictionary's bytes and the groups.
class LevelRanks {
 public:
  // Of a block whose rows all have one level.
  static LevelRanks OfConstant(std::string_view value);
  // `page` as EncodeLevels wrote it.
  static StatusOr<LevelRanks> Parse(const PackedDictionary& dictionary, std::string_view page,
                                    const RowGroups& groups);

  // The values counted; of a dictionary, kAbsent comes first.
  std::span<const std::string_view> values() const { return values_; }
  // Writes how many of the block's rows before `row` have each value.
  // REQUIRES: row <= rows of the block; out.size() == values().size().
  void CountBefore(uint32_t row, std::span<uint64_t> out) const;
  // Which of values() the row has.
  size_t ValueOf(uint32_t row) const;

 private:
  LevelRanks() = default;
  void AddRows(uint32_t begin, uint32_t end, std::span<uint64_t> counts) const;

  std::vector<std::string_view> values_;
  PackedDictionary dictionary_;
  const RowGroups* groups_ = nullptr;  // null: one level
  std::vector<uint32_t> before_;       // per group and value: rows of the groups before
};

}  // namespace skald::storage
