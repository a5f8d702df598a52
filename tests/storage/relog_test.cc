// Small tenants are logged again instead of becoming parts: what that saves, and that nothing is
// lost or shown twice wherever it is interrupted.
#include "storage/relog.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>

#include "storage/engine.h"
#include "tests/support/engine_harness.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;
using ::skald::test_support::ReadRows;

constexpr int64_t kMinute = kNanosPerHour / 60;

class RelogTest : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> Open() {
    EngineOptions options;
    options.files = &faults_;
    options.directory = directory_;
    options.decoder = &decoder_;
    options.clock = &clock_;
    options.memtable_bytes = 64 << 10;
    options.relog_tenant_bytes = 4 << 10;
    options.free_space_reserve = 0;
    options.compact_in_background = false;
    options.push_wait_nanos = 10'000'000;
    StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(options);
    EXPECT_OK(engine.status());
    return engine.ok() ? *std::move(engine) : nullptr;
  }

  // Pushes a row of a small tenant; remembers it if that was acknowledged.
  void PushSmall(Engine* engine, const std::string& tenant, const std::string& line) {
    PlainRow row{"{app=\"" + tenant + "\"}", next_time_++, line, {}};
    if (row.time % 2 == 0) row.metadata = {{"detected_level", "info"}, {"id", "7"}};
    possible_[tenant].insert(row);
    if (Push(engine, tenant, {row}).ok()) acknowledged_[tenant].insert(row);
  }

  // Fills the memtable with rows of another tenant and waits until it has been dealt with.
  void FillMemtable(Engine* engine) {
    const uint64_t failures = engine->Stats().flush_failures;
    std::vector<PlainRow> rows;
    for (int i = 0; i < 70; ++i) {
      rows.push_back({"{app=\"big\"}", next_time_++, std::string(1000, 'x'), {}});
    }
    possible_["big"].insert(rows.begin(), rows.end());
    if (Push(engine, "big", rows).ok()) acknowledged_["big"].insert(rows.begin(), rows.end());
    while (engine->Stats().frozen_memtables > 0 && engine->Stats().flush_failures == failures) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }

  void Crash(std::unique_ptr<Engine>* engine, uint64_t seed) {
    faults_.CutPowerAfter(0);
    engine->reset();
    files_.Crash(seed);
    faults_.Heal();
  }

  void Check(Engine* engine) {
    for (const auto& [tenant, expected] : acknowledged_) {
      ASSERT_OK_AND_ASSIGN(const auto rows, ReadRows(engine, tenant));
      const std::set<PlainRow> seen(rows.begin(), rows.end());
      EXPECT_EQ(seen.size(), rows.size()) << "a row is shown twice";
      EXPECT_TRUE(std::includes(seen.begin(), seen.end(), expected.begin(), expected.end()))
          << "an acknowledged row of " << tenant << " is lost";
      const std::set<PlainRow>& possible = possible_[tenant];
      EXPECT_TRUE(std::includes(possible.begin(), possible.end(), seen.begin(), seen.end()))
          << "a row was invented";
    }
  }

  ManualClock clock_{100 * kNanosPerHour};
  MemoryFileSystem files_;
  FaultFileSystem faults_{&files_};
  std::string directory_ = "/d";
  skald::test_support::PlainRowDecoder decoder_;
  int64_t next_time_ = 0;
  std::map<std::string, std::set<PlainRow>> acknowledged_;
  std::map<std::string, std::set<PlainRow>> possible_;
};

TEST_F(RelogTest, SmallTenantsStayInMemoryAndInTheLog) {
  auto engine = Open();
  for (int round = 0; round < 3; ++round) {
    for (const char* tenant : {"a", "b", "c"}) PushSmall(engine.get(), tenant, "line");
    FillMemtable(engine.get());
    Check(engine.get());
  }
  EXPECT_EQ(engine->Stats().parts, 3u) << "the big tenant's";
  EXPECT_GT(engine->Stats().relogged_bytes, 0u);
  EXPECT_LE(engine->Stats().log_segments, 2u);
  Crash(&engine, 1);
  engine = Open();
  Check(engine.get());
}

TEST_F(RelogTest, OldRowsBecomeParts) {
  auto engine = Open();
  PushSmall(engine.get(), "a", "old");
  FillMemtable(engine.get());
  clock_.Advance(6 * kMinute);
  PushSmall(engine.get(), "a", "younger");
  PushSmall(engine.get(), "b", "young");
  FillMemtable(engine.get());
  EXPECT_EQ(engine->Stats().parts, 2u);
  clock_.Advance(5 * kMinute);
  // Within a second the flusher sees to it by itself.
  for (int i = 0; i < 6000 && engine->Stats().parts == 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(engine->Stats().parts, 4u) << "both rows of a in one";
  Check(engine.get());
  EXPECT_EQ(engine->Stats().memtable_rows, 0u);
}

TEST_F(RelogTest, TenantsThatHaveGrownBecomeParts) {
  auto engine = Open();
  for (int round = 0; round < 5; ++round) {
    PushSmall(engine.get(), "a", std::string(1000, 'a'));
    PushSmall(engine.get(), "b", "b");
    FillMemtable(engine.get());
  }
  EXPECT_EQ(engine->Stats().parts, 6u);
  Check(engine.get());
}

TEST_F(RelogTest, TooManySmallTenantsBecomePartsLargestFirst) {
  auto engine = Open();
  for (int i = 0; i < 60; ++i) {
    PushSmall(engine.get(), "tenant " + std::to_string(i), std::string(i == 7 ? 3000 : 700, 'x'));
  }
  FillMemtable(engine.get());
  // Half of the memtable's size may be carried.
  EXPECT_GT(engine->Stats().parts, 5u);
  EXPECT_LT(engine->Stats().parts, 30u);
  EXPECT_GT(engine->Stats().memtable_rows, 5u);
  Check(engine.get());
}

TEST_F(RelogTest, FlushAndCloseLeaveNothingBehind) {
  auto engine = Open();
  PushSmall(engine.get(), "a", "line");
  FillMemtable(engine.get());
  EXPECT_EQ(engine->Stats().memtable_rows, 1u);
  ASSERT_OK(engine->Flush());
  EXPECT_EQ(engine->Stats().memtable_rows, 0u);
  PushSmall(engine.get(), "b", "line");
  FillMemtable(engine.get());
  ASSERT_OK(engine->Close());
  engine.reset();
  engine = Open();
  EXPECT_EQ(engine->Stats().replayed_rows, 0u);
  EXPECT_EQ(engine->Stats().parts, 4u);
  Check(engine.get());
}

TEST_F(RelogTest, TenantsBecomePartsWhenTheLogFails) {
  auto engine = Open();
  PushSmall(engine.get(), "a", "line");
  faults_.FailNth(FileOperation::kSync, 2, Unavailable("broken"), "/wal/");
  FillMemtable(engine.get());
  while (engine->Stats().frozen_memtables > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ASSERT_OK(engine->Flush());
  EXPECT_EQ(engine->Stats().memtable_rows, 0u);
  Check(engine.get());
  Crash(&engine, 3);
  engine = Open();
  Check(engine.get());
}

TEST_F(RelogTest, NothingIsLostWhenPowerIsCutAtAnyOperation) {
  bool cut = true;
  for (uint64_t operations = 0; cut; ++operations) {
    ASSERT_LT(operations, 2000u);
    directory_ = "/d" + std::to_string(operations);
    acknowledged_.clear();
    possible_.clear();
    auto engine = Open();
    ASSERT_NE(engine, nullptr);
    faults_.CutPowerAfter(operations);
    for (int round = 0; round < 2 && engine->Stats().flush_failures == 0; ++round) {
      PushSmall(engine.get(), "a", "line " + std::to_string(round));
      PushSmall(engine.get(), round == 0 ? "b" : "c", "line");
      FillMemtable(engine.get());
    }
    cut = engine->Stats().flush_failures > 0 || acknowledged_["a"].size() < 2 ||
          acknowledged_["c"].size() < 1 || acknowledged_["big"].size() < 140;
    Crash(&engine, operations);
    engine = Open();
    ASSERT_NE(engine, nullptr);
    Check(engine.get());
    ASSERT_OK(engine->Flush());
    Check(engine.get());
    if (HasFailure()) FAIL() << "after " << operations << " operations";
  }
}

}  // namespace
}  // namespace skald::storage
