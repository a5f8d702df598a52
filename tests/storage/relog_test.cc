// Small tenants are logged again instead of becoming parts: what that saves, and that nothing is
// lost or shown twice wherever it is interrupted.
#include "storage/engine/relog.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

#include "tests/support/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;
using ::skald::test_support::ReadRows;

constexpr int64_t kMinute = kNanosPerHour / 60;

class RelogTest : public ::testing::Test, protected EngineFixture {
 protected:
  RelogTest() {
    options_.memtable_bytes = 64 << 10;
    options_.relog_tenant_bytes = 4 << 10;
  }

  // Pushes a row of a small tenant; remembers it if that was acknowledged.
  void PushSmall(const std::string& tenant, const std::string& line) {
    PlainRow row{"{app=\"" + tenant + "\"}", next_time_++, line, {}};
    if (row.time % 2 == 0) row.metadata = {{"detected_level", "info"}, {"id", "7"}};
    possible_[tenant].insert(row);
    if (Push(engine_.get(), tenant, {row}).ok()) acknowledged_[tenant].insert(row);
  }

  // Fills the memtable with rows of another tenant and waits until it has been dealt with.
  void FillMemtable() {
    const uint64_t failures = engine_->Stats().flush_failures;
    std::vector<PlainRow> rows;
    for (int i = 0; i < 70; ++i) {
      rows.push_back({"{app=\"big\"}", next_time_++, std::string(1000, 'x'), {}});
    }
    possible_["big"].insert(rows.begin(), rows.end());
    if (Push(engine_.get(), "big", rows).ok())
      acknowledged_["big"].insert(rows.begin(), rows.end());
    while (engine_->Stats().frozen_memtables > 0 && engine_->Stats().flush_failures == failures) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }

  void Check() {
    for (const auto& [tenant, expected] : acknowledged_) {
      ASSERT_OK_AND_ASSIGN(const auto rows, ReadRows(engine_.get(), tenant));
      const std::set<PlainRow> seen(rows.begin(), rows.end());
      EXPECT_EQ(seen.size(), rows.size()) << "a row is shown twice";
      EXPECT_TRUE(std::includes(seen.begin(), seen.end(), expected.begin(), expected.end()))
          << "an acknowledged row of " << tenant << " is lost";
      const std::set<PlainRow>& possible = possible_[tenant];
      EXPECT_TRUE(std::includes(possible.begin(), possible.end(), seen.begin(), seen.end()))
          << "a row was invented";
    }
  }

  int64_t next_time_ = 0;
  std::map<std::string, std::set<PlainRow>> acknowledged_;
  std::map<std::string, std::set<PlainRow>> possible_;
};

TEST_F(RelogTest, SmallTenantsStayInMemoryAndInTheLog) {
  Open();
  for (int round = 0; round < 3; ++round) {
    for (const char* tenant : {"a", "b", "c"}) PushSmall(tenant, "line");
    FillMemtable();
    Check();
  }
  EXPECT_EQ(engine_->Stats().parts, 3u) << "the big tenant's";
  EXPECT_GT(engine_->Stats().relogged_bytes, 0u);
  EXPECT_LE(engine_->Stats().log_segments, 2u);
  Crash(1);
  Open();
  Check();
}

TEST_F(RelogTest, OldRowsBecomeParts) {
  Open();
  PushSmall("a", "old");
  FillMemtable();
  clock_.Advance(6 * kMinute);
  PushSmall("a", "younger");
  PushSmall("b", "young");
  FillMemtable();
  EXPECT_EQ(engine_->Stats().parts, 2u);
  clock_.Advance(5 * kMinute);
  // Within a second the flusher sees to it by itself.
  for (int i = 0; i < 6000 && engine_->Stats().parts == 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(engine_->Stats().parts, 4u) << "both rows of a in one";
  Check();
  EXPECT_EQ(engine_->Stats().memtable_rows, 0u);
}

TEST_F(RelogTest, TenantsThatHaveGrownBecomeParts) {
  Open();
  for (int round = 0; round < 5; ++round) {
    PushSmall("a", std::string(1000, 'a'));
    PushSmall("b", "b");
    FillMemtable();
  }
  EXPECT_EQ(engine_->Stats().parts, 6u);
  Check();
}

TEST_F(RelogTest, TooManySmallTenantsBecomePartsLargestFirst) {
  Open();
  for (int i = 0; i < 60; ++i) {
    PushSmall("tenant " + std::to_string(i), std::string(i == 7 ? 3000 : 700, 'x'));
  }
  FillMemtable();
  // Half of the memtable's size may be carried.
  EXPECT_GT(engine_->Stats().parts, 5u);
  EXPECT_LT(engine_->Stats().parts, 30u);
  EXPECT_GT(engine_->Stats().memtable_rows, 5u);
  Check();
}

TEST_F(RelogTest, FlushAndCloseLeaveNothingBehind) {
  Open();
  PushSmall("a", "line");
  FillMemtable();
  EXPECT_EQ(engine_->Stats().memtable_rows, 1u);
  ASSERT_OK(engine_->Flush());
  EXPECT_EQ(engine_->Stats().memtable_rows, 0u);
  PushSmall("b", "line");
  FillMemtable();
  ASSERT_OK(engine_->Close());
  Open();
  EXPECT_EQ(engine_->Stats().replayed_rows, 0u);
  EXPECT_EQ(engine_->Stats().parts, 4u);
  Check();
}

TEST_F(RelogTest, TenantsBecomePartsWhenTheLogFails) {
  Open();
  PushSmall("a", "line");
  faults_.FailNth(FileOperation::kSync, 2, Unavailable("broken"), "/wal/");
  FillMemtable();
  while (engine_->Stats().frozen_memtables > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_OK(engine_->Flush());
  EXPECT_EQ(engine_->Stats().memtable_rows, 0u);
  Check();
  Crash(3);
  Open();
  Check();
}

// Parts cannot be written, the log can.
TEST_F(RelogTest, FlushThatFailsAgainAndAgainLogsRowsAgainOnce) {
  Open();
  PushSmall("a", "line");
  faults_.FailAll(FileOperation::kCreate, Unavailable("too many open files"), "/tenants/");
  FillMemtable();
  const uint64_t relogged = engine_->Stats().relogged_bytes;
  EXPECT_GT(relogged, 0u);
  while (engine_->Stats().flush_failures < 3) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(engine_->Stats().relogged_bytes, relogged);
  Check();
  faults_.Heal();
  while (engine_->Stats().frozen_memtables > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(engine_->Stats().memtable_rows, 1u) << "the small tenant's";
  Check();
  Crash(1);
  Open();
  Check();
  ASSERT_OK(engine_->Flush());
  Check();
}

// A flush for all tenants comes while one that carries some fails.
TEST_F(RelogTest, TenantsWhoseFlushFailsBecomePartsWhenAllAreToBe) {
  Open();
  PushSmall("a", "line");
  faults_.FailAll(FileOperation::kCreate, Unavailable("too many open files"), "/tenants/");
  FillMemtable();
  PushSmall("a", "another");
  EXPECT_FALSE(engine_->Flush().ok());
  faults_.Heal();
  ASSERT_OK(engine_->Flush());
  EXPECT_EQ(engine_->Stats().memtable_rows, 0u);
  Check();
  Crash(1);
  Open();
  EXPECT_EQ(engine_->Stats().replayed_rows, 0u);
  Check();
}

TEST_F(RelogTest, NothingIsLostWhenPowerIsCutAtAnyOperation) {
  bool cut = true;
  for (uint64_t operations = 0; cut; ++operations) {
    ASSERT_LT(operations, 2000u);
    UseNewDirectory();
    acknowledged_.clear();
    possible_.clear();
    Open();
    faults_.CutPowerAfter(operations);
    for (int round = 0; round < 2 && engine_->Stats().flush_failures == 0; ++round) {
      PushSmall("a", "line " + std::to_string(round));
      PushSmall(round == 0 ? "b" : "c", "line");
      FillMemtable();
    }
    cut = engine_->Stats().flush_failures > 0 || acknowledged_["a"].size() < 2 ||
          acknowledged_["c"].empty() || acknowledged_["big"].size() < 140;
    Crash(operations);
    Open();
    Check();
    ASSERT_OK(engine_->Flush());
    Check();
    if (HasFailure()) FAIL() << "after " << operations << " operations";
  }
}

}  // namespace
}  // namespace skald::storage
