// How pushes are slowed while parts wait to be merged.
#include "storage/compact/merge_debt.h"

#include <gtest/gtest.h>

#include "storage/engine.h"
#include "tests/support/engine_harness.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::Push;

TEST(MergeDebt, DelaysGrowGraduallyBeforeAnythingIsRefused) {
  EXPECT_EQ(MergeDebtDelay(0).count(), 0);
  EXPECT_EQ(MergeDebtDelay(100).count(), 0);
  for (size_t parts = 1; parts < 3000; ++parts) {
    const auto step = MergeDebtDelay(parts) - MergeDebtDelay(parts - 1);
    EXPECT_GE(step.count(), 0);
    EXPECT_LE(step, std::chrono::milliseconds(1));
    if (IsMergeDebtTooHigh(parts)) {
      EXPECT_EQ(step.count(), 0) << "the longest delay comes before refusal";
      EXPECT_TRUE(IsMergeDebtTooHigh(parts + 1));
    }
  }
  EXPECT_FALSE(IsMergeDebtTooHigh(500));
  EXPECT_GE(MergeDebtDelay(1000), std::chrono::milliseconds(100));
}

TEST(MergeDebt, PartsThatNobodyMergesSlowNobody) {
  MemoryFileSystem files;
  skald::test_support::PlainRowDecoder decoder;
  EngineOptions options;
  options.files = &files;
  options.directory = "/d";
  options.decoder = &decoder;
  options.free_space_reserve = 0;
  options.compact_in_background = false;
  ASSERT_OK_AND_ASSIGN(const auto engine, Engine::Open(options));
  for (int i = 0; i < 250; ++i) {
    ASSERT_OK(Push(engine.get(), "t", {{"{app=\"a\"}", i, "line", {}}}));
    ASSERT_OK(engine->Flush());
  }
  EXPECT_EQ(engine->Stats().parts, 250u);
  EXPECT_EQ(engine->Stats().slowed_pushes, 0u);
}

}  // namespace
}  // namespace skald::storage
