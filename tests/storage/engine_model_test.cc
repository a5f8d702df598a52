// Random pushes, flushes, restarts and power cuts against a model that knows every row.
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

class Model {
 public:
  explicit Model(uint64_t seed) : random_(seed), faults_(&files_) {}

  void Run(int steps) {
    ASSERT_TRUE(Open());
    for (int i = 0; i < steps; ++i) {
      Step();
      if (::testing::Test::HasFatalFailure() || ::testing::Test::HasNonfatalFailure()) return;
    }
    Check();
  }

 private:
  bool Open() {
    EngineOptions options;
    options.files = &faults_;
    options.directory = "/d";
    options.decoder = &decoder_;
    options.memtable_bytes = 256 << 10;
    options.free_space_reserve = 0;
    options.push_wait_nanos = 10'000'000;
    StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(options);
    EXPECT_OK(engine.status());
    if (!engine.ok()) return false;
    engine_ = *std::move(engine);
    return true;
  }

  PlainRow RandomRow() {
    PlainRow row;
    row.labels = "{app=\"" + std::to_string(random_.Below(5)) + "\"}";
    row.time = static_cast<int64_t>(random_.Below(2000));
    row.line = "line " + std::to_string(random_.Below(3)) + std::string(random_.Below(40), 'x');
    if (random_.Below(3) == 0) row.metadata = {{"id", std::to_string(random_.Below(2))}};
    return row;
  }

  void PushSome() {
    std::vector<PlainRow> rows;
    for (uint64_t n = 1 + random_.Below(200); n > 0; --n) rows.push_back(RandomRow());
    if (!acknowledged_.empty() && random_.Below(3) == 0) {
      const auto from = std::next(acknowledged_.begin(),
                                  static_cast<ptrdiff_t>(random_.Below(acknowledged_.size())));
      rows.push_back(*from);
    }
    possible_.insert(rows.begin(), rows.end());
    if (Push(engine_.get(), "t", rows).ok()) acknowledged_.insert(rows.begin(), rows.end());
  }

  void Reopen(bool crash) {
    if (crash) faults_.CutPowerAfter(0);
    engine_.reset();
    if (crash) files_.Crash(random_.Next());
    faults_.Heal();
    ASSERT_TRUE(Open());
    Check();
  }

  void Step() {
    switch (random_.Below(20)) {
      case 0:
        return Reopen(true);
      case 1:
        return Reopen(false);
      case 2:
        faults_.CutPowerAfter(random_.Below(30));
        PushSome();
        engine_->Flush().IgnoreError();
        PushSome();
        return Reopen(true);
      case 3:
      case 4:
        EXPECT_OK(engine_->Flush());
        return;
      case 5:
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
    CheckRanks();
  }

  void CheckRanks() {
    const int64_t edge = static_cast<int64_t>(random_.Below(2100));
    ASSERT_OK_AND_ASSIGN(const auto before, ReadRows(engine_.get(), "t", {}, {INT64_MIN, edge}));
    const auto snapshot = engine_->reader()->GetSnapshot("t");
    ASSERT_OK_AND_ASSIGN(const auto selection, snapshot->Select({}, {}, nullptr));
    uint64_t rows = 0;
    uint64_t bytes = 0;
    for (size_t i = 0; i < selection->units().size(); ++i) {
      ASSERT_OK_AND_ASSIGN(const auto block, selection->Open(i, nullptr));
      for (const StreamRun& run : block->runs()) {
        Rank rank;
        ASSERT_OK(block->RanksAt(run, {&edge, 1}, {&rank, 1}));
        rows += rank.rows;
        bytes += rank.line_bytes;
      }
    }
    uint64_t expected_bytes = 0;
    for (const PlainRow& row : before) expected_bytes += row.line.size();
    EXPECT_EQ(rows, before.size());
    EXPECT_EQ(bytes, expected_bytes);
  }

  Random random_;
  MemoryFileSystem files_;
  FaultFileSystem faults_;
  skald::test_support::PlainRowDecoder decoder_;
  std::unique_ptr<Engine> engine_;
  std::set<PlainRow> acknowledged_;
  std::set<PlainRow> possible_;
};

class EngineModelTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(EngineModelTest, KeepsEveryAcknowledgedRowOnce) { Model(GetParam()).Run(120); }

INSTANTIATE_TEST_SUITE_P(Seeds, EngineModelTest, ::testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace skald::storage
