// The background's work: what it does beside merges.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/support/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;

// Half a minute passes whenever somebody looks.
class HastyClock : public Clock {
 public:
  int64_t WallNanos() const override { return kStart + now_.load(); }
  int64_t MonotonicNanos() const override { return now_.fetch_add(kNanosPerHour / 120); }

 private:
  static constexpr int64_t kStart = 24'000 * kNanosPerHour;
  mutable std::atomic<int64_t> now_{kNanosPerHour};
};

class MaintenanceTest : public ::testing::Test, protected EngineFixture {};

TEST_F(MaintenanceTest, LooksForExpiredPartsBetweenMerges) {
  constexpr int kTenants = 20;
  HastyClock clock;
  options_.clock = &clock;
  Open();
  for (int part = 0; part < 2; ++part) {
    for (int tenant = 0; tenant < kTenants; ++tenant) {
      PushRows({{"{app=\"a\"}", part, "line", {}}}, std::to_string(tenant));
    }
    ASSERT_OK(engine_->Flush());
  }
  const uint64_t sweeps_before = engine_->Stats().retention_sweeps;
  engine_->StartCompaction();
  while (engine_->Stats().full_compaction_running) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(engine_->Stats().compactions, kTenants);
  EXPECT_GE(engine_->Stats().retention_sweeps - sweeps_before, kTenants);
  engine_.reset();  // before its clock
}

}  // namespace
}  // namespace skald::storage
