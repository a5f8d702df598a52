// What the rows of one push take in memory is reserved, bounded, and no bar to a restart.
#include <gtest/gtest.h>

#include <algorithm>

#include "storage/base/units.h"
#include "tests/support/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;
using ::testing::HasSubstr;

class PushSizeTest : public ::testing::Test, protected EngineFixture {
 protected:
  PushSizeTest() { options_.memtable_bytes = 256_KiB; }

  // Rows of a stream, each with a KiB of structured metadata.
  static std::vector<PlainRow> MakeRows(int64_t count, bool same_metadata) {
    std::vector<PlainRow> rows;
    for (int64_t i = 0; i < count; ++i) {
      const std::string number = same_metadata ? "" : std::to_string(i);
      rows.push_back({"{app=\"a\"}", i, "", {{"key", number + std::string(1024, 'x')}}});
    }
    return rows;
  }

  // So many rows are taken in one push, and there after a crash; so many are refused.
  void ExpectBetween(int taken, int refused) {
    Open();
    const Status status = Push(engine_.get(), "t", MakeRows(refused, false));
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted,
                                 HasSubstr("push less at a time, or raise skald.memtable_size")));
    EXPECT_EQ(HttpStatusOf(status), 413);
    ExpectNothingStored();
    PushRows(MakeRows(taken, false));
    Crash(1);
    Open();
    EXPECT_EQ(Rows(), MakeRows(taken, false));
  }
  void ExpectNothingStored() {
    EXPECT_EQ(engine_->Stats().log_records, 0u);
    EXPECT_EQ(engine_->Stats().memtable_bytes, 0u);
    EXPECT_TRUE(Rows().empty());
  }
};

TEST_F(PushSizeTest, RowsAreReserved) {
  Open();
  MemoryBudget budget("bodies", 100_KiB);
  EXPECT_THAT(Push(engine_.get(), "t", MakeRows(101, false), true, &budget),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("bodies")));
  EXPECT_EQ(budget.used(), 0u);
  ExpectNothingStored();
  EXPECT_OK(Push(engine_.get(), "t", MakeRows(90, false), true, &budget));
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_EQ(Rows(), MakeRows(90, false));
}

TEST_F(PushSizeTest, MoreThanAFewMemtablesAreRefused) { ExpectBetween(900, 1100); }

TEST_F(PushSizeTest, MoreMemoryAllowsMore) {
  options_.max_push_bytes = 2_MiB;
  ExpectBetween(1800, 2100);
}

TEST_F(PushSizeTest, MetadataOfTheRowBeforeIsShared) {
  Open();
  PushRows(MakeRows(2000, true));
  EXPECT_LT(engine_->Stats().memtable_bytes, 200_KiB);
  EXPECT_EQ(Rows(), MakeRows(2000, true));
  Crash(1);
  Open();
  EXPECT_LT(engine_->Stats().memtable_bytes, 200_KiB);
  EXPECT_EQ(Rows(), MakeRows(2000, true));
  ASSERT_OK(engine_->Flush());
  EXPECT_EQ(Rows(), MakeRows(2000, true));
}

TEST_F(PushSizeTest, SmallTenantsShareOnWhenTheyAreCarried) {
  Open();
  PushRows(MakeRows(1000, true), "small");
  PushRows(MakeRows(900, false));  // fills the memtable
  while (engine_->Stats().flushes == 0) engine_->Stats();
  EXPECT_GT(engine_->Stats().relogged_bytes, 0u);
  EXPECT_LT(engine_->Stats().memtable_bytes, 200_KiB);
  Crash(1);
  Open();
  EXPECT_EQ(Rows("small"), MakeRows(1000, true));
}

// As a server that had more memory may have left it.
class LargeRecordTest : public PushSizeTest {
 protected:
  void LogALargeRecord() {
    options_.memtable_bytes = 16_MiB;
    Open();
    PushRows(MakeRows(2000, false));
    Crash(1);
    options_.memtable_bytes = 256_KiB;
  }
};

TEST_F(LargeRecordTest, IsReplayedWithinAMemtable) {
  LogALargeRecord();
  Open();
  EXPECT_GT(engine_->Stats().parts, 4u);
  EXPECT_LT(engine_->Stats().memtable_bytes, 512_KiB);
  EXPECT_EQ(Rows(), MakeRows(2000, false));
}

TEST_F(LargeRecordTest, IsNotDoneWithBeforeItsEnd) {
  for (uint64_t operations = 10;; operations += 10 * FaultStride()) {
    SCOPED_TRACE(operations);
    UseNewDirectory();
    LogALargeRecord();
    const uint64_t struck_before = faults_.struck();
    faults_.CutPowerAfter(operations);
    TryOpen().IgnoreError();
    const bool was_struck = faults_.struck() > struck_before;
    Crash(operations);
    Open();
    ASSERT_EQ(Rows(), MakeRows(2000, false));
    if (!was_struck) break;
  }
}

}  // namespace
}  // namespace skald::storage
