// Memtables whose rows have become parts: who keeps their memory, and for how long.
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::Push;

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

// Two queries keep too much, one does not; with a wait that is over before it begins.
class LateSnapshotTest : public KeptMemoryTest {
 protected:
  LateSnapshotTest() {
    options_.max_kept_bytes = 3000;
    options_.kept_wait_nanos = 0;
    Open();
  }

  // A snapshot that keeps a memtable with a row of that time.
  std::shared_ptr<const Snapshot> KeepRow(int64_t time) {
    PushRow(time);
    auto snapshot = engine_->reader()->GetSnapshot("t");
    EXPECT_OK(engine_->Flush());
    return snapshot;
  }

  static uint64_t RowsOf(const Snapshot& snapshot) {
    const auto selection = snapshot.Select({}, TimeRange(), nullptr);
    EXPECT_OK(selection.status());
    const auto totals = (*selection)->Totals(nullptr);
    EXPECT_OK(totals.status());
    uint64_t rows = 0;
    for (const StreamTotals& total : *totals) rows += total.rows;
    return rows;
  }
};

TEST_F(LateSnapshotTest, ShowsTheMomentOfTheFirstQuestion) {
  const auto first = KeepRow(1);
  auto second = KeepRow(2);
  const auto late = engine_->reader()->GetSnapshot("t");
  second.reset();
  PushRow(3);
  ASSERT_OK(engine_->Flush());
  PushRow(1);  // again
  PushRow(4);
  EXPECT_EQ(RowsOf(*late), 4u);
  ASSERT_OK(engine_->Flush());
  PushRow(5);
  EXPECT_EQ(RowsOf(*late), 4u);
  EXPECT_EQ(late->LabelNames({}, TimeRange(5, 6), nullptr)->size(), 0u);
}

TEST_F(LateSnapshotTest, KeepsNothingBeforeTheFirstQuestion) {
  const auto first = KeepRow(1);
  const auto second = KeepRow(2);
  const uint64_t before = kept();
  PushRow(3);
  const auto late = engine_->reader()->GetSnapshot("t");
  ASSERT_OK(engine_->Flush());
  EXPECT_EQ(kept(), before);
}

TEST_F(LateSnapshotTest, IsRefusedWhileOthersKeepTooMuch) {
  const auto first = KeepRow(1);
  auto second = KeepRow(2);
  ASSERT_GT(kept(), options_.max_kept_bytes);
  const auto late = engine_->reader()->GetSnapshot("t");
  EXPECT_THAT(
      late->Select({}, TimeRange(), nullptr).status(),
      StatusIs(absl::StatusCode::kResourceExhausted, ::testing::HasSubstr("keep too much")));
  EXPECT_THAT(late->LabelNames({}, TimeRange(), nullptr).status(),
              StatusIs(absl::StatusCode::kResourceExhausted, ::testing::_));
  PushRow(3);  // are taken all the same
  second.reset();
  EXPECT_EQ(RowsOf(*late), 3u);
}

TEST_F(LateSnapshotTest, WaitsUntilOthersHaveEnded) {
  options_.kept_wait_nanos = int64_t{3600} * 1'000'000'000;
  Open();
  const auto first = KeepRow(1);
  auto second = KeepRow(2);
  const auto late = engine_->reader()->GetSnapshot("t");
  std::thread ending([&] { second.reset(); });
  EXPECT_EQ(RowsOf(*late), 2u);
  ending.join();
}

TEST_F(LateSnapshotTest, StopsWaitingWhenItIsTold) {
  options_.kept_wait_nanos = int64_t{3600} * 1'000'000'000;
  Open();
  const auto first = KeepRow(1);
  const auto second = KeepRow(2);
  StopToken stop;
  stop.RequestStop();
  EXPECT_THAT(engine_->reader()->GetSnapshot("t")->Streams({}, TimeRange(), &stop).status(),
              StatusIs(absl::StatusCode::kCancelled, ::testing::_));
}

// So that a query of several tenants never waits for itself.
TEST_F(LateSnapshotTest, OfSeveralTenantsShowsOneMoment) {
  const auto first = KeepRow(1);
  auto second = KeepRow(2);
  const auto snapshots = engine_->reader()->GetSnapshots(std::vector<std::string_view>{"t", "u"});
  second.reset();
  PushRows({{"{app=\"b\"}", 1, std::string(4000, 'x'), {}}}, "u");
  EXPECT_EQ(RowsOf(*snapshots[0]), 2u);
  ASSERT_OK(engine_->Flush());
  ASSERT_GT(kept(), options_.max_kept_bytes);
  PushRows({{"{app=\"b\"}", 2, "later", {}}}, "u");
  EXPECT_EQ(RowsOf(*snapshots[1]), 1u);
}

// Flushes that fail, and who asks for them again and again.
class FailingFlushTest : public KeptMemoryTest {
 protected:
  FailingFlushTest() {
    options_.memtable_bytes = 64 << 10;
    options_.relog_tenant_bytes = 0;
    Open();
  }
};

TEST_F(FailingFlushTest, PushesAreRefusedBeforeMemoryRunsOutAndTakenAgain) {
  faults_.FailAll(FileOperation::kSync, Unavailable("Input/output error"), ".part");
  Status pushed;
  int64_t taken = 0;
  while (taken < 1000 && pushed.ok()) {
    pushed = Push(engine_.get(), "t", {{"{app=\"a\"}", taken, std::string(2000, 'x'), {}}});
    if (pushed.ok()) ++taken;
    if (taken % 8 == 0) engine_->Flush().IgnoreError();  // freezes what there is
  }
  EXPECT_THAT(pushed, StatusIs(absl::StatusCode::kUnavailable,
                               ::testing::HasSubstr("cannot be written to the disk")));
  EXPECT_GT(taken, 8);
  EXPECT_LT(engine_->Stats().memtable_bytes, 3 * options_.memtable_bytes);
  EXPECT_EQ(Rows().size(), static_cast<size_t>(taken));
  faults_.Heal();
  while (!engine_->Flush().ok()) std::this_thread::yield();
  PushRow(taken++);
  EXPECT_EQ(Rows().size(), static_cast<size_t>(taken));
}

TEST_F(FailingFlushTest, NoMoreThanAFewMemtablesWait) {
  faults_.FailAll(FileOperation::kSync, Unavailable("Input/output error"), ".part");
  PushRow(1);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(engine_->Flush().ok());
  EXPECT_LE(engine_->Stats().frozen_memtables, 8u);
  EXPECT_FALSE(engine_->deletes()->Create("t", {"a", 0, 10}).ok());
  EXPECT_LE(engine_->Stats().frozen_memtables, 8u);
  faults_.Heal();
  while (!engine_->Flush().ok()) std::this_thread::yield();
  EXPECT_EQ(engine_->Stats().frozen_memtables, 0u);
  EXPECT_EQ(Rows().size(), 1u);
}

}  // namespace
}  // namespace skald::storage
