// Retention: what queries still show, and when files go. Time is moved by hand.
#include "storage/retention.h"

#include <gtest/gtest.h>

#include "storage/engine.h"
#include "tests/support/engine_harness.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;
using ::skald::test_support::ReadRows;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kDay = 24 * kNanosPerHour;
constexpr int64_t kStart = 1000 * kDay + 5;

PlainRow MakeRow(const std::string& app, int64_t time, const std::string& line = "l") {
  return {"{app=\"" + app + "\"}", time, line, {}};
}

Matcher App(const std::string& value, MatchOp op = MatchOp::kEqual) {
  return *Matcher::Create("app", op, value);
}

class RetentionTest : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> Open() {
    EngineOptions options;
    options.files = &files_;
    options.clock = &clock_;
    options.directory = "/d";
    options.decoder = &decoder_;
    options.free_space_reserve = 0;
    options.compact_in_background = false;
    options.retention = policy_;
    options.memtable_age_nanos = 1000 * kDay;
    StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(options);
    EXPECT_OK(engine.status());
    return engine.ok() ? *std::move(engine) : nullptr;
  }

  // Rows of the tenant that a selection shows, counted in each of three ways.
  size_t Count(Engine* engine) {
    const auto snapshot = engine->reader()->GetSnapshot("t");
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
    const size_t rows = ReadRows(engine, "t")->size();
    EXPECT_EQ(totals, rows);
    EXPECT_EQ(ranks, rows);
    return rows;
  }

  void Advance(int64_t nanos) { clock_.Advance(nanos); }

  MemoryFileSystem files_;
  ManualClock clock_{kStart};
  skald::test_support::PlainRowDecoder decoder_;
  std::shared_ptr<const RetentionPolicy> policy_ = std::make_shared<RetentionPolicy>();
};

TEST_F(RetentionTest, RowsAreShownToTheNanosecondOfTheirPeriod) {
  auto engine = Open();
  std::vector<PlainRow> rows;
  for (int64_t i = 0; i < 300; ++i) rows.push_back(MakeRow("a", kStart + i));
  ASSERT_OK(Push(engine.get(), "t", rows));
  Advance(7 * kDay);
  for (const bool flushed : {false, true}) {
    if (flushed) {
      ASSERT_OK(engine->Flush());
    }
    EXPECT_EQ(Count(engine.get()), flushed ? 150u : 300u);
    Advance(1);
    EXPECT_EQ(Count(engine.get()), flushed ? 149u : 299u);
    if (!flushed) Advance(149);
  }
  Advance(149);
  EXPECT_EQ(Count(engine.get()), 0u);
  EXPECT_THAT(*engine->reader()->GetSnapshot("t")->LabelNames({}, {}), IsEmpty());
}

TEST_F(RetentionTest, StreamsHaveThePeriodOfTheirFirstRule) {
  auto policy = std::make_shared<RetentionPolicy>();
  policy->fallback.period_nanos = 10 * kDay;
  policy->fallback.streams = {{{App("short|both", MatchOp::kRegex)}, 1, 2 * kDay},
                              {{App("both|kept", MatchOp::kRegex)}, 2, 0},
                              {{App("tie")}, 1, 5 * kDay},
                              {{App("tie")}, 1, 3 * kDay}};
  policy->tenants["other"].period_nanos = kDay;
  policy_ = policy;
  auto engine = Open();
  for (const char* app : {"short", "both", "kept", "tie", "plain"}) {
    ASSERT_OK(Push(engine.get(), "t", {MakeRow(app, kStart), MakeRow(app, kStart + 1)}));
  }
  ASSERT_OK(Push(engine.get(), "other", {MakeRow("a", kStart)}));
  ASSERT_OK(engine->Flush());
  ASSERT_OK(Push(engine.get(), "t", {MakeRow("short", kStart + 2), MakeRow("plain", kStart + 2)}));
  const auto apps = [&] { return *engine->reader()->GetSnapshot("t")->LabelValues("app", {}, {}); };
  EXPECT_EQ(Count(engine.get()), 12u);
  Advance(2 * kDay + 1);
  EXPECT_THAT(*ReadRows(engine.get(), "other"), IsEmpty());
  EXPECT_EQ(Count(engine.get()), 11u) << "the first of short is gone";
  EXPECT_THAT(apps(), ElementsAre("both", "kept", "plain", "short", "tie"));
  Advance(2);
  EXPECT_EQ(Count(engine.get()), 9u);
  EXPECT_THAT(apps(), ElementsAre("both", "kept", "plain", "tie"));
  Advance(kDay);
  EXPECT_THAT(apps(), ElementsAre("both", "kept", "plain"));
  Advance(7 * kDay);
  EXPECT_THAT(apps(), ElementsAre("both", "kept"));
  EXPECT_EQ(Count(engine.get()), 4u);
  auto for_ever = std::make_shared<RetentionPolicy>();
  for_ever->fallback.period_nanos = 0;
  engine->SetRetention(for_ever);
  EXPECT_EQ(Count(engine.get()), 12u) << "nothing had been removed";
}

TEST_F(RetentionTest, ExpiredPartGoesAfterTheDelay) {
  auto engine = Open();
  ASSERT_OK(Push(engine.get(), "t", {MakeRow("a", kStart)}));
  ASSERT_OK(engine->Flush());
  ASSERT_OK(Push(engine.get(), "t", {MakeRow("a", kStart + kDay)}));
  ASSERT_OK(engine->Flush());
  Advance(7 * kDay);
  ASSERT_OK(engine->SweepExpired());
  Advance(1);
  ASSERT_OK(engine->SweepExpired());
  Advance(2 * kNanosPerHour - 1);
  ASSERT_OK(engine->SweepExpired());
  EXPECT_EQ(engine->Stats().parts, 2u);
  Advance(1);
  ASSERT_OK(engine->SweepExpired());
  EXPECT_EQ(engine->Stats().parts, 1u);
  EXPECT_EQ(engine->Stats().parts_expired, 1u);
  EXPECT_EQ(Count(engine.get()), 1u);
  engine.reset();
  engine = Open();
  EXPECT_EQ(engine->Stats().parts, 1u);
}

TEST_F(RetentionTest, SaysWhatWillBeRemoved) {
  auto engine = Open();
  ASSERT_OK(Push(engine.get(), "t", {MakeRow("a", kStart), MakeRow("a", kStart + kDay)}));
  ASSERT_OK(engine->Flush());
  ASSERT_OK(Push(engine.get(), "t", {MakeRow("a", kStart + 3 * kDay)}));
  ASSERT_OK(engine->Flush());
  Advance(8 * kDay);
  EXPECT_EQ(engine->FindExpired()->parts, 0u) << "one row of the first is still shown";
  Advance(1);
  ASSERT_OK_AND_ASSIGN(const ExpiredParts found, engine->FindExpired());
  EXPECT_EQ(found.parts, 1u);
  EXPECT_EQ(found.rows, 2u);
  EXPECT_GT(found.bytes, 0u);
  EXPECT_LT(found.bytes, engine->Stats().part_bytes);
  EXPECT_EQ(found.oldest, kStart);
  EXPECT_EQ(found.newest, kStart + kDay);
  EXPECT_EQ(engine->Stats().oldest_part_time, kStart);
  engine->SetRetention(nullptr);
  EXPECT_EQ(engine->FindExpired()->parts, 0u);
}

TEST_F(RetentionTest, PartWithAStreamThatIsKeptStays) {
  auto policy = std::make_shared<RetentionPolicy>();
  policy->fallback.streams = {{{App("kept")}, 1, 0}};
  policy_ = policy;
  auto engine = Open();
  ASSERT_OK(Push(engine.get(), "t", {MakeRow("a", kStart)}));
  ASSERT_OK(engine->Flush());
  ASSERT_OK(Push(engine.get(), "t", {MakeRow("a", kStart), MakeRow("kept", kStart)}));
  ASSERT_OK(engine->Flush());
  for (int i = 0; i < 3; ++i) {
    Advance(8 * kDay);
    ASSERT_OK(engine->SweepExpired());
  }
  EXPECT_EQ(engine->Stats().parts, 1u);
  EXPECT_THAT(*ReadRows(engine.get(), "t"), ElementsAre(MakeRow("kept", kStart)));
}

TEST_F(RetentionTest, LongerPeriodInTimeSavesAPart) {
  auto engine = Open();
  ASSERT_OK(Push(engine.get(), "t", {MakeRow("a", kStart)}));
  ASSERT_OK(engine->Flush());
  Advance(8 * kDay);
  ASSERT_OK(engine->SweepExpired());
  EXPECT_EQ(Count(engine.get()), 0u);
  auto longer = std::make_shared<RetentionPolicy>();
  longer->fallback.period_nanos = 30 * kDay;
  engine->SetRetention(longer);
  Advance(kDay);
  ASSERT_OK(engine->SweepExpired());
  EXPECT_EQ(Count(engine.get()), 1u);
}

TEST_F(RetentionTest, WallClockThatJumpsRemovesNothing) {
  auto engine = Open();
  ASSERT_OK(Push(engine.get(), "t", {MakeRow("a", kStart)}));
  ASSERT_OK(engine->Flush());
  clock_.JumpWall(365 * kDay);
  for (int i = 0; i < 10; ++i) {
    ASSERT_OK(engine->SweepExpired());
    Advance(kDay);
  }
  EXPECT_EQ(engine->Stats().parts, 1u);
  EXPECT_TRUE(engine->Stats().retention_suspended);
  clock_.JumpWall(-365 * kDay);
  ASSERT_OK(engine->SweepExpired());
  EXPECT_FALSE(engine->Stats().retention_suspended);
}

TEST_F(RetentionTest, StartLongAfterTheNewestRowRemovesNothingForADay) {
  auto engine = Open();
  ASSERT_OK(Push(engine.get(), "t", {MakeRow("a", kStart)}));
  ASSERT_OK(engine->Close());
  engine.reset();
  clock_.JumpWall(365 * kDay);
  engine = Open();
  for (int i = 0; i < 8; ++i) {
    ASSERT_OK(engine->SweepExpired());
    EXPECT_TRUE(engine->Stats().retention_suspended);
    Advance(3 * kNanosPerHour - 1);
  }
  EXPECT_EQ(engine->Stats().parts, 1u);
  Advance(kNanosPerHour);
  ASSERT_OK(engine->SweepExpired());
  Advance(2 * kNanosPerHour);
  ASSERT_OK(engine->SweepExpired());
  EXPECT_EQ(engine->Stats().parts, 0u);
}

}  // namespace
}  // namespace skald::storage
