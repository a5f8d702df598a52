// Retention: what queries still show, and when files go. Time is moved by hand.
#include "storage/retention.h"

#include <gtest/gtest.h>

#include "tests/support/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::kDay;
using ::skald::test_support::PlainRow;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kStart = 1000 * kDay + 5;

PlainRow MakeRow(const std::string& app, int64_t time, const std::string& line = "l") {
  return {"{app=\"" + app + "\"}", time, line, {}};
}

Matcher App(const std::string& value, MatchOp op = MatchOp::kEqual) {
  return *Matcher::Create("app", op, value);
}

class RetentionTest : public ::testing::Test, protected EngineFixture {
 protected:
  RetentionTest() : EngineFixture(kStart) {
    options_.retention = std::make_shared<RetentionPolicy>();
  }

  // Rows of the tenant that a selection shows, counted in each of three ways.
  size_t Count() {
    const auto snapshot = engine_->reader()->GetSnapshot("t");
    const auto selection = *snapshot->Select({}, {}, nullptr);
    uint64_t totals = 0;
    const std::vector<StreamTotals> all = *selection->Totals(nullptr);
    for (const StreamTotals& total : all) totals += total.rows;
    uint64_t ranks = 0;
    for (size_t i = 0; i < selection->units().size(); ++i) {
      const auto block = *selection->Open(i, nullptr);
      for (const StreamRun& run : block->runs()) {
        const int64_t edge = std::numeric_limits<int64_t>::max();
        Rank rank;
        EXPECT_OK(block->RanksAt(run, {&edge, 1}, {&rank, 1}));
        ranks += rank.rows;
      }
    }
    const size_t rows = Rows().size();
    EXPECT_EQ(totals, rows);
    EXPECT_EQ(ranks, rows);
    return rows;
  }

  void Advance(int64_t nanos) { clock_.Advance(nanos); }
};

TEST_F(RetentionTest, RowsAreShownToTheNanosecondOfTheirPeriod) {
  Open();
  std::vector<PlainRow> rows;
  for (int64_t i = 0; i < 300; ++i) rows.push_back(MakeRow("a", kStart + i));
  PushRows(rows);
  Advance(7 * kDay);
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_OK(engine_->Flush());
    }
    EXPECT_EQ(Count(), flushed ? 150u : 300u);
    Advance(1);
    EXPECT_EQ(Count(), flushed ? 149u : 299u);
    if (!flushed) Advance(149);
  }
  Advance(149);
  EXPECT_EQ(Count(), 0u);
  EXPECT_THAT(*engine_->reader()->GetSnapshot("t")->LabelNames({}, {}, nullptr), IsEmpty());
}

TEST_F(RetentionTest, StreamsHaveThePeriodOfTheirFirstRule) {
  auto policy = std::make_shared<RetentionPolicy>();
  policy->fallback.period_nanos = 10 * kDay;
  policy->fallback.streams = {{{App("short|both", MatchOp::kRegex)}, 1, 2 * kDay},
                              {{App("both|kept", MatchOp::kRegex)}, 2, 0},
                              {{App("tie")}, 1, 5 * kDay},
                              {{App("tie")}, 1, 3 * kDay}};
  policy->tenants["other"].period_nanos = kDay;
  options_.retention = policy;
  Open();
  for (const char* app : {"short", "both", "kept", "tie", "plain"}) {
    PushRows({MakeRow(app, kStart), MakeRow(app, kStart + 1)});
  }
  PushRows({MakeRow("a", kStart)}, "other");
  ASSERT_OK(engine_->Flush());
  PushRows({MakeRow("short", kStart + 2), MakeRow("plain", kStart + 2)});
  const auto apps = [&] {
    return *engine_->reader()->GetSnapshot("t")->LabelValues("app", {}, {}, nullptr);
  };
  EXPECT_EQ(Count(), 12u);
  Advance(2 * kDay + 1);
  EXPECT_THAT(Rows("other"), IsEmpty());
  EXPECT_EQ(Count(), 11u) << "the first of short is gone";
  EXPECT_THAT(apps(), ElementsAre("both", "kept", "plain", "short", "tie"));
  Advance(2);
  EXPECT_EQ(Count(), 9u);
  EXPECT_THAT(apps(), ElementsAre("both", "kept", "plain", "tie"));
  Advance(kDay);
  EXPECT_THAT(apps(), ElementsAre("both", "kept", "plain"));
  Advance(7 * kDay);
  EXPECT_THAT(apps(), ElementsAre("both", "kept"));
  EXPECT_EQ(Count(), 4u);
  auto for_ever = std::make_shared<RetentionPolicy>();
  for_ever->fallback.period_nanos = 0;
  engine_->SetRetention(for_ever);
  EXPECT_EQ(Count(), 12u) << "nothing had been removed";
}

TEST_F(RetentionTest, AnExpiredStretchShowsNoStreams) {
  Open();
  PushRows({MakeRow("a", kStart)});
  Advance(8 * kDay);
  PushRows({MakeRow("a", kStart + 8 * kDay)});
  const TimeRange expired{kStart, kStart + kNanosPerHour};
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_OK(engine_->Flush());
    }
    const auto snapshot = engine_->reader()->GetSnapshot("t");
    EXPECT_THAT(*snapshot->LabelNames({}, expired, nullptr), IsEmpty());
    EXPECT_THAT(*snapshot->LabelValues("app", {}, expired, nullptr), IsEmpty());
    EXPECT_THAT(*snapshot->Streams({}, expired, nullptr), IsEmpty());
    EXPECT_THAT((*snapshot->Select({}, expired, nullptr))->units(), IsEmpty());
  }
}

TEST_F(RetentionTest, ExpiredPartGoesAfterTheDelay) {
  Open();
  PushRows({MakeRow("a", kStart)});
  ASSERT_OK(engine_->Flush());
  PushRows({MakeRow("a", kStart + kDay)});
  ASSERT_OK(engine_->Flush());
  Advance(7 * kDay);
  ASSERT_OK(engine_->SweepExpired());
  Advance(1);
  ASSERT_OK(engine_->SweepExpired());
  Advance(2 * kNanosPerHour - 1);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_EQ(engine_->Stats().parts, 2u);
  Advance(1);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_EQ(engine_->Stats().parts, 1u);
  EXPECT_EQ(engine_->Stats().parts_expired, 1u);
  EXPECT_EQ(Count(), 1u);
  Open();
  EXPECT_EQ(engine_->Stats().parts, 1u);
}

TEST_F(RetentionTest, SaysWhatWillBeRemoved) {
  Open();
  PushRows({MakeRow("a", kStart), MakeRow("a", kStart + kDay)});
  ASSERT_OK(engine_->Flush());
  PushRows({MakeRow("a", kStart + 3 * kDay)});
  ASSERT_OK(engine_->Flush());
  Advance(8 * kDay);
  EXPECT_EQ(engine_->FindExpired()->parts, 0u) << "one row of the first is still shown";
  Advance(1);
  ASSERT_OK_AND_ASSIGN(const ExpiredParts found, engine_->FindExpired());
  EXPECT_EQ(found.parts, 1u);
  EXPECT_EQ(found.rows, 2u);
  EXPECT_GT(found.bytes, 0u);
  EXPECT_LT(found.bytes, engine_->Stats().part_bytes);
  EXPECT_EQ(found.oldest, kStart);
  EXPECT_EQ(found.newest, kStart + kDay);
  EXPECT_EQ(engine_->Stats().oldest_part_time, kStart);
  engine_->SetRetention(nullptr);
  EXPECT_EQ(engine_->FindExpired()->parts, 0u);
}

TEST_F(RetentionTest, PartWithAStreamThatIsKeptStays) {
  auto policy = std::make_shared<RetentionPolicy>();
  policy->fallback.streams = {{{App("kept")}, 1, 0}};
  options_.retention = policy;
  Open();
  PushRows({MakeRow("a", kStart)});
  ASSERT_OK(engine_->Flush());
  PushRows({MakeRow("a", kStart), MakeRow("kept", kStart)});
  ASSERT_OK(engine_->Flush());
  for (int i = 0; i < 3; ++i) {
    Advance(8 * kDay);
    ASSERT_OK(engine_->SweepExpired());
  }
  EXPECT_EQ(engine_->Stats().parts, 1u);
  EXPECT_THAT(Rows(), ElementsAre(MakeRow("kept", kStart)));
}

TEST_F(RetentionTest, LongerPeriodInTimeSavesAPart) {
  Open();
  PushRows({MakeRow("a", kStart)});
  ASSERT_OK(engine_->Flush());
  Advance(8 * kDay);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_EQ(Count(), 0u);
  auto longer = std::make_shared<RetentionPolicy>();
  longer->fallback.period_nanos = 30 * kDay;
  engine_->SetRetention(longer);
  Advance(kDay);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_EQ(Count(), 1u);
}

TEST_F(RetentionTest, WallClockThatJumpsRemovesNothing) {
  Open();
  PushRows({MakeRow("a", kStart)});
  ASSERT_OK(engine_->Flush());
  clock_.JumpWall(365 * kDay);
  for (int i = 0; i < 10; ++i) {
    ASSERT_OK(engine_->SweepExpired());
    Advance(kDay);
  }
  EXPECT_EQ(engine_->Stats().parts, 1u);
  EXPECT_TRUE(engine_->Stats().retention_suspended);
  clock_.JumpWall(-365 * kDay);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_FALSE(engine_->Stats().retention_suspended);
}

TEST_F(RetentionTest, StartLongAfterTheNewestRowRemovesNothingForADay) {
  Open();
  PushRows({MakeRow("a", kStart)});
  ASSERT_OK(engine_->Close());
  engine_.reset();
  clock_.JumpWall(365 * kDay);
  Open();
  for (int i = 0; i < 8; ++i) {
    ASSERT_OK(engine_->SweepExpired());
    EXPECT_TRUE(engine_->Stats().retention_suspended);
    Advance(3 * kNanosPerHour - 1);
  }
  EXPECT_EQ(engine_->Stats().parts, 1u);
  Advance(kNanosPerHour);
  ASSERT_OK(engine_->SweepExpired());
  Advance(2 * kNanosPerHour);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_EQ(engine_->Stats().parts, 0u);
}

}  // namespace
}  // namespace skald::storage
