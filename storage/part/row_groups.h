// How a block's rows fall into groups: each stream's run is cut into groups of kGroupRows rows and
// a shorter last one. Times and lengths are packed, and ranks kept, per group.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace skald::storage {

struct RowGroups {
  // Makes room for so many groups.
  void Reserve(size_t groups);
  // Appends the groups of the next run.
  void AddRun(uint32_t rows);

  // The group that holds a row, sought from the group `hint` on. REQUIRES: row < rows and hint is a
  // group.
  size_t GroupOf(uint32_t row, size_t hint = 0) const;

  std::vector<uint32_t> counts;  // rows per group
  std::vector<uint32_t> first;   // first row of each group
  uint32_t rows = 0;
};

}  // namespace skald::storage
