#include "tests/storage/picked_metadata.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/status_matchers.h"

namespace skald::storage {

void ExpectPicksLikeMetadata(Block* block, Random* random) {
  std::vector<uint32_t> rows;
  const uint64_t gap = 1 + random->Below(4);
  for (uint32_t row = 0; row < block->rows(); ++row) {
    if (gap == 1 || random->OneIn(gap)) rows.push_back(row);
  }
  Arena arena;
  for (size_t n = 0; n < block->metadata_names().size(); ++n) {
    ASSERT_OK_AND_ASSIGN(const StringColumn picked, block->MetadataOf(n, rows, &arena));
    ASSERT_OK_AND_ASSIGN(const StringColumn all, block->Metadata(n));
    for (size_t i = 0; i < rows.size(); ++i) {
      ASSERT_EQ(picked[i].data() == nullptr, all[rows[i]].data() == nullptr);
      ASSERT_EQ(picked[i], all[rows[i]]);
    }
  }
}

}  // namespace skald::storage
