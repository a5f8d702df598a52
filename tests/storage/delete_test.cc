// Delete requests: what they hide, what compaction removes, and what cancelling brings back.
#include <gtest/gtest.h>

#include "tests/support/engine_fixture.h"
#include "tests/support/engine_model.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::ExpectWaysAgree;
using ::skald::test_support::kDay;
using ::skald::test_support::PlainRow;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kStart = 1000 * kDay;

PlainRow MakeRow(const std::string& app, int64_t time, const std::string& line) {
  return {"{app=\"" + app + "\"}", kStart + time, line, {}};
}

class DeleteTest : public ::testing::Test, protected EngineFixture {
 protected:
  DeleteTest() : EngineFixture(kStart + kDay) {
    options_.deletes.may_remove = [this](std::string_view) { return may_remove_; };
    Open();
  }

  std::string Delete(const std::string& query, int64_t start = -kDay, int64_t end = kDay) {
    const auto id = engine_->deletes()->Create("t", {query, kStart + start, kStart + end});
    EXPECT_OK(id.status());
    return id.value_or("");
  }
  // The lines that are shown, by stream and time.
  std::vector<std::string> Lines() {
    std::vector<std::string> lines;
    for (const PlainRow& row : Rows()) lines.push_back(row.line);
    ExpectWaysAgree(engine_.get(), "t", kStart + 2);
    return lines;
  }
  bool IsProcessed() { return engine_->deletes()->List("t").front().processed; }

  bool may_remove_ = true;
};

TEST_F(DeleteTest, HidesWhatWasLoggedBeforeAndShowsWhatIsPushedAgain) {
  PushRows({MakeRow("a", 1, "one"), MakeRow("a", 2, "two"), MakeRow("b", 1, "one")});
  Delete("a one");
  EXPECT_THAT(Lines(), ElementsAre("two", "one"));
  PushRows({MakeRow("a", 1, "one")});
  EXPECT_THAT(Lines(), ElementsAre("one", "two", "one"));
  FlushAndCompact();
  EXPECT_THAT(Lines(), ElementsAre("one", "two", "one"));
  Open();
  EXPECT_THAT(Lines(), ElementsAre("one", "two", "one"));
}

TEST_F(DeleteTest, BothEndsOfItsRangeAreInIt) {
  PushRows(
      {MakeRow("a", 1, "1"), MakeRow("a", 2, "2"), MakeRow("a", 3, "3"), MakeRow("a", 4, "4")});
  Delete("a", 2, 3);
  EXPECT_THAT(Lines(), ElementsAre("1", "4"));
}

TEST_F(DeleteTest, AStreamWithoutVisibleRowsIsGoneFromLabels) {
  PushRows({MakeRow("a", 1, "one"), MakeRow("b", 1, "one"), MakeRow("b", 5, "two")});
  Delete("a");
  Delete("b two");
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  EXPECT_THAT(*snapshot->LabelValues("app", {}, {}, nullptr), ElementsAre("b"));
  EXPECT_THAT(*snapshot->LabelValues("app", {}, {kStart + 2, kStart + 10}, nullptr), IsEmpty());
  EXPECT_THAT(Lines(), ElementsAre("one"));
}

// Several streams share a block, and the asked range cuts through each.
TEST_F(DeleteTest, OfManyStreamsThoseAreGoneThatHaveNoneLeftInTheRange) {
  std::vector<PlainRow> rows;
  for (int i = 0; i < 300; ++i) {
    const std::string app = std::to_string(1000 + i);
    rows.push_back(MakeRow(app, 1, "before"));
    rows.push_back(MakeRow(app, 2, i % 3 == 0 ? "within, deleted" : "within"));
    rows.push_back(MakeRow(app, 3, "after"));
  }
  PushRows(rows);
  for (int i = 0; i < 300; i += 3) Delete(std::to_string(1000 + i) + " deleted");
  const auto snapshot = engine_->reader()->GetSnapshot("t");
  const auto shown = [&](TimeRange range) {
    return snapshot->Streams({}, {kStart + range.begin, kStart + range.end}, nullptr)->size();
  };
  EXPECT_EQ(shown({2, 3}), 200u);
  EXPECT_EQ(shown({1, 3}), 300u);
  EXPECT_EQ(shown({2, 4}), 300u);
  EXPECT_EQ(snapshot->LabelValues("app", {}, {kStart + 2, kStart + 3}, nullptr)->size(), 200u);
}

TEST_F(DeleteTest, SelectionsAreChargedWhatRequestsHideOfThem) {
  constexpr int kRows = 8000;
  constexpr int kRequests = 200;
  std::vector<PlainRow> rows;
  for (int i = 0; i < kRows; ++i) rows.push_back(MakeRow("a", i, "line"));
  PushRows(rows);
  const auto charged = [&] {
    MemoryBudget budget("a query", 64_MiB);
    const auto snapshot = engine_->reader()->GetSnapshot("t");
    const auto selection = snapshot->Select({}, {kStart, kStart + kRows}, nullptr, &budget);
    EXPECT_OK(selection.status());
    return budget.used();
  };
  Delete("a", 0, 0);
  const uint64_t with_one = charged();
  for (int i = 1; i < kRequests; ++i) Delete("a", i, i);
  EXPECT_GE(charged(), with_one + kRequests * (kRows / 8) - 64_KiB);
}

TEST_F(DeleteTest, OtherTenantsKeepTheirRows) {
  PushRows({MakeRow("a", 1, "one")});
  PushRows({MakeRow("a", 1, "one")}, "other");
  Delete("a");
  EXPECT_THAT(Lines(), IsEmpty());
  EXPECT_EQ(Rows("other").size(), 1u);
  EXPECT_THAT(engine_->deletes()->List("other"), IsEmpty());
}

TEST_F(DeleteTest, CompactionRemovesRowsOnceTheRequestCannotBeCancelled) {
  PushRows({MakeRow("a", 1, "one"), MakeRow("a", 2, "two"), MakeRow("b", 1, "one")});
  const std::string id = Delete("a one");
  FlushAndCompact();
  EXPECT_EQ(engine_->Stats().part_rows, 3u) << "it can still be cancelled";
  EXPECT_FALSE(IsProcessed());
  clock_.Advance(kDay + 1);
  FlushAndCompact();
  EXPECT_EQ(engine_->Stats().part_rows, 2u);
  EXPECT_TRUE(IsProcessed());
  EXPECT_THAT(Lines(), ElementsAre("two", "one"));
  EXPECT_THAT(engine_->deletes()->Cancel("t", id, true),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  Open();
  EXPECT_TRUE(IsProcessed());
  EXPECT_THAT(Lines(), ElementsAre("two", "one"));
}

TEST_F(DeleteTest, APartOfNothingButDeletedRowsGoes) {
  PushRows({MakeRow("a", 1, "one"), MakeRow("a", 2, "two")});
  Delete("a");
  clock_.Advance(kDay + 1);
  FlushAndCompact();
  EXPECT_EQ(engine_->Stats().parts, 0u);
  EXPECT_TRUE(IsProcessed());
  Open();
  EXPECT_EQ(engine_->Stats().parts, 0u);
}

// A manifest that is damaged while there are no parts is complete with nothing: what is removed
// later is not taken back.
TEST_F(DeleteTest, WhatIsRemovedAfterADamagedStartStaysRemoved) {
  ASSERT_OK(engine_->Close());
  engine_.reset();
  ASSERT_OK_AND_ASSIGN(const uint64_t size, files_.FileSize("/d/MANIFEST"));
  files_.Overwrite("/d/MANIFEST", size / 2, "damage");
  Open();
  PushRows({MakeRow("a", 1, "one")});
  Delete("a");
  clock_.Advance(kDay + 1);
  faults_.FailAll(FileOperation::kRemove, Unavailable("the machine stops here"), ".part");
  FlushAndCompact();
  ASSERT_TRUE(IsProcessed());
  ASSERT_EQ(PartFiles(), 1u);
  faults_.Heal();
  Open();
  EXPECT_EQ(PartFiles(), 0u);
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(DeleteTest, RowsOfAPartOfTheLastLevelAreRemovedToo) {
  for (int64_t i = 0; i < 3; ++i) {
    PushRows({MakeRow("a", i, "one"), MakeRow("b", i, "two")});
    FlushAndCompact();
  }
  Delete("a");
  clock_.Advance(kDay + 1);
  FlushAndCompact();
  EXPECT_EQ(engine_->Stats().part_rows, 3u);
  EXPECT_TRUE(IsProcessed());
}

TEST_F(DeleteTest, FilterOnlyNeverRemoves) {
  may_remove_ = false;
  PushRows({MakeRow("a", 1, "one")});
  Delete("a");
  clock_.Advance(10 * kDay);
  FlushAndCompact();
  EXPECT_EQ(engine_->Stats().part_rows, 1u);
  EXPECT_THAT(Lines(), IsEmpty());
  EXPECT_FALSE(IsProcessed());
}

TEST_F(DeleteTest, AClockThatJumpedRemovesNothing) {
  PushRows({MakeRow("a", 1, "one")});
  Delete("a");
  clock_.JumpWall(365 * kDay);
  FlushAndCompact();
  EXPECT_EQ(engine_->Stats().part_rows, 1u);
  EXPECT_THAT(Lines(), IsEmpty());
}

TEST_F(DeleteTest, PartsOfBothSidesAreMergedOnlyWhereItCannotMatter) {
  PushRows({MakeRow("a", 1, "one")});
  Delete("a", -kDay, 10);
  PushRows({MakeRow("a", 20, "new")});
  FlushAndCompact();
  EXPECT_EQ(engine_->Stats().parts, 1u) << "the second part has no row in the request's range";
  PushRows({MakeRow("a", 5, "late")});
  FlushAndCompact();
  EXPECT_EQ(engine_->Stats().parts, 2u);
  EXPECT_THAT(Lines(), ElementsAre("late", "new"));
  clock_.Advance(kDay + 1);
  FlushAndCompact();
  FlushAndCompact();
  EXPECT_EQ(engine_->Stats().parts, 1u);
  EXPECT_EQ(engine_->Stats().part_rows, 2u);
  EXPECT_THAT(Lines(), ElementsAre("late", "new"));
}

TEST_F(DeleteTest, CancellingShowsRowsAgain) {
  PushRows({MakeRow("a", 1, "one"), MakeRow("a", 2, "two")});
  const std::string first = Delete("a one");
  const std::string second = Delete("a");
  EXPECT_THAT(Lines(), IsEmpty());
  ASSERT_OK(engine_->deletes()->Cancel("t", second, false));
  EXPECT_THAT(Lines(), ElementsAre("two"));
  PushRows({MakeRow("a", 1, "one")});
  ASSERT_OK(engine_->deletes()->Cancel("t", first, false));
  EXPECT_THAT(Lines(), ElementsAre("one", "two"));
  Open();
  FlushAndCompact();
  EXPECT_THAT(Lines(), ElementsAre("one", "two"));
  EXPECT_THAT(engine_->deletes()->List("t"), IsEmpty());
  EXPECT_THAT(engine_->deletes()->Cancel("t", first, false), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DeleteTest, PastTheCancelPeriodOnlyForceCancels) {
  PushRows({MakeRow("a", 1, "one")});
  const std::string id = Delete("a");
  clock_.Advance(kDay + 1);
  EXPECT_THAT(engine_->deletes()->Cancel("t", id, false),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Lines(), IsEmpty());
  ASSERT_OK(engine_->deletes()->Cancel("t", id, true));
  EXPECT_THAT(Lines(), ElementsAre("one"));
}

TEST_F(DeleteTest, ATenantWithoutRowsHasRequestsToo) {
  const std::string id = Delete("a");
  EXPECT_EQ(engine_->deletes()->List("t").front().id, id);
  PushRows({MakeRow("a", 1, "one")});
  EXPECT_THAT(Lines(), ElementsAre("one"));
  Open();
  EXPECT_THAT(Lines(), ElementsAre("one"));
  FlushAndCompact();
  clock_.Advance(kDay + 1);
  FlushAndCompact();
  EXPECT_TRUE(IsProcessed());
  EXPECT_THAT(Lines(), ElementsAre("one"));
}

TEST_F(DeleteTest, WhatIsNotAcceptedHidesNothing) {
  PushRows({MakeRow("a", 1, "one")});
  EXPECT_THAT(engine_->deletes()->Create("t", {"", 0, kStart + kDay}),
              StatusIs(absl::StatusCode::kInvalidArgument));
  faults_.FailAll(FileOperation::kSync, Unavailable("the disk failed"), "MANIFEST");
  EXPECT_FALSE(engine_->deletes()->Create("t", {"a", 0, kStart + kDay}).ok());
  faults_.Heal();
  EXPECT_THAT(Lines(), ElementsAre("one"));
  EXPECT_THAT(engine_->deletes()->List("t"), IsEmpty());
}

TEST_F(DeleteTest, ARequestThatDoesNotCompileKeepsTheEngineClosed) {
  PushRows({MakeRow("a", 1, "one")});
  Delete("a");
  engine_.reset();
  options_.deletes.compiler = nullptr;
  EXPECT_THAT(TryOpen(), StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace skald::storage
