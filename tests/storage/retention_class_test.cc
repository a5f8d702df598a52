// Retention classes: from level 1 a part has streams of one class, so that it expires as a whole.
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

constexpr int64_t kStart = 1000 * kDay;

RetentionRule RuleFor(const std::string& app, int64_t period, int64_t priority = 1) {
  return {{*Matcher::Create("app", MatchOp::kEqual, app)}, priority, period};
}

class RetentionClassTest : public ::testing::Test, protected EngineFixture {
 protected:
  RetentionClassTest() : EngineFixture(kStart + kDay / 2) { Open(); }

  void SetRules(std::vector<RetentionRule> rules, int64_t period = 30 * kDay) {
    auto policy = std::make_shared<RetentionPolicy>();
    policy->fallback.period_nanos = period;
    policy->fallback.streams = std::move(rules);
    options_.retention = policy;
    engine_->SetRetention(policy);
  }

  // A row of each app at the time of the clock.
  void PushApps(const std::vector<std::string>& apps) {
    std::vector<PlainRow> rows;
    for (const std::string& app : apps) {
      rows.push_back({"{app=\"" + app + "\"}", clock_.WallNanos(), "l", {}});
    }
    PushRows(rows);
    ASSERT_OK(engine_->Flush());
    clock_.Advance(1);
  }

  size_t Shown() {
    ExpectWaysAgree(engine_.get(), "t", kStart + 1);
    return Rows().size();
  }

  // Moves the clock in steps that sweeps would come in.
  void Wait(int64_t nanos) {
    for (int64_t left = nanos; left > 0; left -= kNanosPerHour) {
      clock_.Advance(std::min(left, kNanosPerHour));
      ASSERT_OK(engine_->SweepExpired());
    }
  }
};

TEST_F(RetentionClassTest, EachClassHasPartsOfItsOwnThatExpireAlone) {
  SetRules({RuleFor("short", kDay), RuleFor("brief", kDay), RuleFor("kept", 0)});
  for (int i = 0; i < 4; ++i) {
    PushApps({"short", "brief", "kept", "plain"});
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
  for (int i = 0; i < 3; ++i) PushApps({"a", "b", "c"});
  ASSERT_OK(engine_->Compact());
  PushApps({"a", "b", "c"});
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
  PushApps({"a", "b"});
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().parts, 2u);
  SetRules({});
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().parts, 1u);
  EXPECT_EQ(Shown(), 2u);
}

TEST_F(RetentionClassTest, PeriodThatChangesForAllRewritesNothing) {
  SetRules({});
  for (int i = 0; i < 2; ++i) PushApps({"a", "b"});
  ASSERT_OK(engine_->Compact());
  const uint64_t merges = engine_->Stats().compactions;
  SetRules({}, 10 * kDay);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().compactions, merges);
  EXPECT_EQ(Shown(), 4u);
}

TEST_F(RetentionClassTest, MergesKeepWhatExpiredWithinTheDelay) {
  SetRules({}, kDay);
  PushApps({"a"});
  clock_.Advance(kDay + kNanosPerHour);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(Shown(), 0u);
  EXPECT_EQ(engine_->Stats().part_rows, 1u);
}

TEST_F(RetentionClassTest, MergesKeepEverythingWhileTheClockIsNotTrusted) {
  SetRules({}, kDay);
  PushApps({"a"});
  clock_.JumpWall(10 * kDay);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(Shown(), 0u);
  EXPECT_EQ(engine_->Stats().part_rows, 1u);
}

TEST_F(RetentionClassTest, LevelZeroPartOfOldRowsLosesThemWhenItIsMerged) {
  SetRules({RuleFor("short", kDay)});
  PushApps({"short", "plain"});
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
