#include "storage/part/row_groups.h"

#include <algorithm>

#include "storage/base/gallop.h"
#include "storage/part/part_format.h"

namespace skald::storage {

void RowGroups::Reserve(size_t groups) {
  counts.reserve(groups);
  first.reserve(groups);
}

void RowGroups::AddRun(uint32_t run_rows) {
  while (run_rows > 0) {
    const uint32_t count = std::min(run_rows, kGroupRows);
    counts.push_back(count);
    first.push_back(rows);
    rows += count;
    run_rows -= count;
  }
}

size_t RowGroups::GroupOf(uint32_t row, size_t hint) const {
  if (row < first[hint]) hint = 0;
  return LastWhere(hint, first.size(), [&](size_t group) { return first[group] <= row; });
}

}  // namespace skald::storage
