#include "storage/part/row_groups.h"

#include <algorithm>

#include "storage/part/part_format.h"

namespace skald::storage {

void RowGroups::AddRun(uint32_t run_rows) {
  while (run_rows > 0) {
    const uint32_t count = std::min(run_rows, kGroupRows);
    counts.push_back(count);
    first.push_back(rows);
    rows += count;
    run_rows -= count;
  }
}

size_t RowGroups::GroupOf(uint32_t row) const {
  const auto after = std::upper_bound(first.begin(), first.end(), row);
  return static_cast<size_t>(after - first.begin()) - 1;
}

}  // namespace skald::storage
