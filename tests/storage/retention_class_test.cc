// Retention classes: from level 1 a part has streams of one class, so that it expires as a whole.
#include <gtest/gtest.h>

#include "storage/engine.h"
#include "tests/support/engine_harness.h"
#include "tests/support/engine_model.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::ExpectWaysAgree;
using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;
using ::skald::test_support::ReadRows;

constexpr int64_t kDay = 24 * kNanosPerHour;
constexpr int64_t kStart = 1000 * kDay;

RetentionRule RuleFor(const std::string& app, int64_t period, int64_t priority = 1) {
  return {{*Matcher::Create("app", MatchOp::kEqual, app)}, priority, period};
}

class RetentionClassTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    EngineOptions options;
    options.files = &files_;
    options.clock = &clock_;
    options.directory = "/d";
    options.decoder = &decoder_;
    options.free_space_reserve = 0;
    options.compact_in_background = false;
    options.retention = policy_;
    options.memtable_age_nanos = 1000 * kDay;
    engine_.reset();
    ASSERT_OK_AND_ASSIGN(engine_, Engine::Open(options));
  }

  void SetRules(std::vector<RetentionRule> rules, int64_t period = 30 * kDay) {
    auto policy = std::make_shared<RetentionPolicy>();
    policy->fallback.period_nanos = period;
    policy->fallback.streams = std::move(rules);
    policy_ = policy;
    engine_->SetRetention(policy_);
  }

  // A row of each app at the time of the clock.
  void PushRows(const std::vector<std::string>& apps) {
    std::vector<PlainRow> rows;
    for (const std::string& app : apps) {
      rows.push_back({"{app=\"" + app + "\"}", clock_.WallNanos(), "l", {}});
    }
    ASSERT_OK(Push(engine_.get(), "t", rows));
    ASSERT_OK(engine_->Flush());
    clock_.Advance(1);
  }

  size_t Shown() {
    const auto rows = ReadRows(engine_.get(), "t");
    EXPECT_OK(rows.status());
    ExpectWaysAgree(engine_.get(), "t", kStart + 1);
    return rows.ok() ? rows->size() : 0;
  }

  // Moves the clock in steps that sweeps would come in.
  void Wait(int64_t nanos) {
    for (int64_t left = nanos; left > 0; left -= kNanosPerHour) {
      clock_.Advance(std::min(left, kNanosPerHour));
      ASSERT_OK(engine_->SweepExpired());
    }
  }

  MemoryFileSystem files_;
  ManualClock clock_{kStart + kDay / 2};
  skald::test_support::PlainRowDecoder decoder_;
  std::shared_ptr<const RetentionPolicy> policy_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(RetentionClassTest, EachClassHasPartsOfItsOwnThatExpireAlone) {
  SetRules({RuleFor("short", kDay), RuleFor("brief", kDay), RuleFor("kept", 0)});
  for (int i = 0; i < 4; ++i) {
    PushRows({"short", "brief", "kept", "plain"});
    ASSERT_OK(engine_->Compact());
    if (i == 1) Open();
  }
  EXPECT_EQ(engine_->Stats().parts, 6u) << "two rounds make a part of the last level in each class";
  EXPECT_EQ(Shown(), 16u);
  Wait(kDay - kNanosPerHour);
  EXPECT_EQ(engine_->Stats().parts, 6u);
  Wait(4 * kNanosPerHour);
  EXPECT_EQ(engine_->Stats().parts, 4u) << "rules of one period make one class";
  EXPECT_EQ(Shown(), 8u);
  Wait(31 * kDay);
  EXPECT_EQ(engine_->Stats().parts, 2u);
  EXPECT_EQ(Shown(), 4u);
}

TEST_F(RetentionClassTest, ChangedRuleSplitsPartsAtTheNextCompactionWithoutLoss) {
  SetRules({});
  for (int i = 0; i < 3; ++i) PushRows({"a", "b", "c"});
  ASSERT_OK(engine_->Compact());
  PushRows({"a", "b", "c"});
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().parts, 1u);
  SetRules({RuleFor("a", 2 * kDay)});
  EXPECT_EQ(Shown(), 12u);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().parts, 2u);
  EXPECT_EQ(engine_->Stats().part_rows, 12u);
  EXPECT_EQ(Shown(), 12u);
  const uint64_t merges = engine_->Stats().compactions;
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().compactions, merges) << "it is split once";
  Wait(2 * kDay + 4 * kNanosPerHour);
  EXPECT_EQ(engine_->Stats().parts, 1u);
  EXPECT_EQ(Shown(), 8u);
}

TEST_F(RetentionClassTest, PartsOfClassesThatHaveBecomeOneAreMergedAgain) {
  SetRules({RuleFor("a", 2 * kDay)});
  PushRows({"a", "b"});
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().parts, 2u);
  SetRules({});
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().parts, 1u);
  EXPECT_EQ(Shown(), 2u);
}

TEST_F(RetentionClassTest, PeriodThatChangesForAllRewritesNothing) {
  SetRules({});
  for (int i = 0; i < 2; ++i) PushRows({"a", "b"});
  ASSERT_OK(engine_->Compact());
  const uint64_t merges = engine_->Stats().compactions;
  SetRules({}, 10 * kDay);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().compactions, merges);
  EXPECT_EQ(Shown(), 4u);
}

TEST_F(RetentionClassTest, MergesKeepWhatExpiredWithinTheDelay) {
  SetRules({}, kDay);
  PushRows({"a"});
  clock_.Advance(kDay + kNanosPerHour);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(Shown(), 0u);
  EXPECT_EQ(engine_->Stats().part_rows, 1u);
}

TEST_F(RetentionClassTest, MergesKeepEverythingWhileTheClockIsNotTrusted) {
  SetRules({}, kDay);
  PushRows({"a"});
  clock_.JumpWall(10 * kDay);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(Shown(), 0u);
  EXPECT_EQ(engine_->Stats().part_rows, 1u);
}

TEST_F(RetentionClassTest, LevelZeroPartOfOldRowsLosesThemWhenItIsMerged) {
  SetRules({RuleFor("short", kDay)});
  PushRows({"short", "plain"});
  clock_.Advance(kDay + 3 * kNanosPerHour);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().part_rows, 1u);
  EXPECT_EQ(Shown(), 1u);
}

TEST(RetentionClass, IsThePeriodInSeconds) {
  EXPECT_EQ(RetentionClassOf(0), 0u);
  EXPECT_EQ(RetentionClassOf(1), 1u);
  EXPECT_EQ(RetentionClassOf(7 * kDay), 604800u);
  EXPECT_EQ(RetentionClassOf(7 * kDay + 1), 604801u);
  EXPECT_EQ(RetentionClassOf(std::numeric_limits<int64_t>::max()),
            std::numeric_limits<uint32_t>::max());
}

}  // namespace
}  // namespace skald::storage
