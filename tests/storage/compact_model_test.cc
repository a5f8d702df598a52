// Random pushes, flushes, merges, restarts and power cuts against a model that knows every row,
// over rows of several days.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "storage/engine.h"
#include "tests/support/engine_harness.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;
using ::skald::test_support::ReadRows;

constexpr int64_t kDay = 24 * kNanosPerHour;

class Model {
 public:
  explicit Model(uint64_t seed) : random_(seed), faults_(&files_) {}

  void Run(int steps) {
    Open();
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) Step();
    ASSERT_FALSE(::testing::Test::HasFailure());
    EXPECT_OK(engine_->Flush());
    EXPECT_OK(engine_->Compact());
    Check();
    EXPECT_GT(merges_ + engine_->Stats().compactions, 0u);
  }

 private:
  void Open() {
    EngineOptions options;
    options.files = &faults_;
    options.directory = "/d";
    options.decoder = &decoder_;
    options.free_space_reserve = 0;
    options.push_wait_nanos = 10'000'000;
    options.compact_in_background = random_.OneIn(2);
    ASSERT_OK_AND_ASSIGN(engine_, Engine::Open(options));
  }

  PlainRow RandomRow() {
    PlainRow row;
    const std::string app = std::to_string(random_.Below(4));
    row.labels =
        "{app=\"" + app + "\", service_name=\"s" + std::to_string(random_.Below(2)) + "\"}";
    // Few times, so that rows meet across parts; days on both sides of the epoch.
    row.time = random_.Between(-2, 1) * kDay + static_cast<int64_t>(random_.Below(50)) - 25;
    row.line = "line " + std::to_string(random_.Below(3));
    if (random_.OneIn(3)) row.metadata = {{"id", std::to_string(random_.Below(2))}};
    return row;
  }

  void PushSome() {
    std::vector<PlainRow> rows;
    for (uint64_t n = 1 + random_.Below(60); n > 0; --n) rows.push_back(RandomRow());
    possible_.insert(rows.begin(), rows.end());
    if (Push(engine_.get(), "t", rows).ok()) acknowledged_.insert(rows.begin(), rows.end());
  }

  void Reopen(bool crash) {
    merges_ += engine_->Stats().compactions;
    if (crash) faults_.CutPowerAfter(0);
    engine_.reset();
    if (crash) files_.Crash(random_.Next());
    faults_.Heal();
    ASSERT_NO_FATAL_FAILURE(Open());
    Check();
  }

  void Step() {
    switch (random_.Below(12)) {
      case 0:
        return Reopen(random_.OneIn(2));
      case 1:
        EXPECT_OK(engine_->Compact());
        return Check();
      case 2:
        EXPECT_OK(engine_->Flush());
        faults_.CutPowerAfter(random_.Below(60));
        engine_->Compact().IgnoreError();
        return Reopen(true);
      case 3:
      case 4:
      case 5:
      case 6:
        EXPECT_OK(engine_->Flush());
        return;
      case 7:
        return Check();
      default:
        return PushSome();
    }
  }

  // Acknowledged rows are there, nothing else than what was pushed is, and nothing twice.
  void Check() {
    ASSERT_OK_AND_ASSIGN(const std::vector<PlainRow> rows, ReadRows(engine_.get(), "t"));
    const std::set<PlainRow> seen(rows.begin(), rows.end());
    EXPECT_EQ(seen.size(), rows.size()) << "a row is shown twice";
    EXPECT_TRUE(std::includes(seen.begin(), seen.end(), acknowledged_.begin(), acknowledged_.end()))
        << "an acknowledged row is lost";
    EXPECT_TRUE(std::includes(possible_.begin(), possible_.end(), seen.begin(), seen.end()))
        << "a row was invented";
  }

  Random random_;
  MemoryFileSystem files_;
  FaultFileSystem faults_;
  skald::test_support::PlainRowDecoder decoder_;
  std::unique_ptr<Engine> engine_;
  std::set<PlainRow> acknowledged_;
  std::set<PlainRow> possible_;
  uint64_t merges_ = 0;
};

class CompactModelTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(CompactModelTest, KeepsEveryAcknowledgedRowOnce) { Model(GetParam()).Run(150); }

INSTANTIATE_TEST_SUITE_P(Seeds, CompactModelTest, ::testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace skald::storage
