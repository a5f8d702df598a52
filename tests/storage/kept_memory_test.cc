// Memtables whose rows have become parts: who keeps their memory, and for how long.
#include <gtest/gtest.h>

#include "tests/support/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::PlainRow;

class KeptMemoryTest : public ::testing::Test, protected EngineFixture {
 protected:
  void PushRow(int64_t time) { PushRows({{"{app=\"a\"}", time, std::string(2000, 'x'), {}}}); }
  uint64_t kept() { return engine_->Stats().kept_memtable_bytes; }
};

TEST_F(KeptMemoryTest, IsCountedUntilTheLastSnapshotGoes) {
  Open();
  PushRow(1);
  auto first = engine_->reader()->GetSnapshot("t");
  auto second = engine_->reader()->GetSnapshot("t");
  EXPECT_EQ(kept(), 0u) << "the memtable is in force";
  ASSERT_OK(engine_->Flush());
  EXPECT_GT(kept(), 2000u);
  first.reset();
  EXPECT_GT(kept(), 2000u);
  PushRow(2);
  ASSERT_OK(engine_->Flush());
  second.reset();
  EXPECT_EQ(kept(), 0u);
}

TEST_F(KeptMemoryTest, ASelectionKeepsItToo) {
  Open();
  PushRow(1);
  auto selection = engine_->reader()->GetSnapshot("t")->Select({}, TimeRange(), nullptr);
  ASSERT_OK(selection.status());
  ASSERT_OK(engine_->Flush());
  EXPECT_GT(kept(), 0u);
  selection->reset();
  EXPECT_EQ(kept(), 0u);
}

TEST_F(KeptMemoryTest, AMergeKeepsNone) {
  uint64_t kept_during_merge = 0;
  int asked = 0;
  // Asked in the middle of a merge, which has then looked at what is stored.
  options_.deletes.may_remove = [&](std::string_view) {
    if (++asked > 1) return true;
    EXPECT_OK(engine_->Flush());
    kept_during_merge = kept();
    return true;
  };
  options_.deletes.cancel_period_nanos = 0;
  Open();
  PushRow(1);
  ASSERT_OK(engine_->deletes()->Create("t", {"a nothing", 0, 10}).status());
  PushRow(2);
  clock_.Advance(1);
  ASSERT_OK(engine_->Compact());
  EXPECT_GT(asked, 0);
  EXPECT_EQ(engine_->Stats().parts, 1u);
  EXPECT_EQ(kept_during_merge, 0u);
}

}  // namespace
}  // namespace skald::storage
