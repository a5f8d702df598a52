// Memory runs out in the threads of the engine: what they were at fails, and is done later.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/support/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;
using ::testing::HasSubstr;

struct Place {
  FileOperation operation;
  const char* path_part;
};

// Where flusher and maintenance may be when memory runs out.
constexpr Place kPlaces[] = {
    {FileOperation::kCreate, "/tenants/"},       {FileOperation::kAppend, "/tenants/"},
    {FileOperation::kSync, "/tenants/"},         {FileOperation::kRename, "/tenants/"},
    {FileOperation::kOther, "/tenants/"},        {FileOperation::kCreateDirectory, "/tenants"},
    {FileOperation::kSyncDirectory, "/tenants"}, {FileOperation::kAppend, "MANIFEST"},
    {FileOperation::kSync, "MANIFEST"},          {FileOperation::kRemove, "/wal/"},
};

class OutOfMemoryTest : public ::testing::Test, protected EngineFixture {
 protected:
  PlainRow MakeRow(int64_t time) { return {"{app=\"a\"}", time, "line", {}}; }

  std::vector<PlainRow> Sorted() {
    std::vector<PlainRow> rows = Rows();
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  // Two parts of two rows each.
  void FillParts() {
    for (int64_t part = 0; part < 2; ++part) {
      PushRows({MakeRow(2 * part), MakeRow(2 * part + 1)});
      ASSERT_OK(engine_->Flush());
    }
  }

  // Has memory run out at every place that `work` comes by after `fill`: it may fail then, but
  // nothing is lost or shown twice, and it succeeds the next time.
  void RunOutAnywhere(const std::function<void()>& fill, const std::function<Status()>& work) {
    for (const Place& place : kPlaces) {
      for (uint64_t nth = 1;; ++nth) {
        SCOPED_TRACE(StrCat(static_cast<int>(place.operation), " ", place.path_part, " ", nth));
        Open();
        fill();
        const auto rows = Sorted();
        const uint64_t struck = faults_.struck();
        faults_.ThrowNth(place.operation, nth, place.path_part);
        work().IgnoreError();
        ASSERT_EQ(Sorted(), rows);
        const bool was_struck = faults_.struck() > struck;
        faults_.Heal();
        ASSERT_OK(work());
        ASSERT_EQ(Sorted(), rows);
        Crash(nth);
        Open();
        ASSERT_EQ(Sorted(), rows);
        UseNewDirectory();
        if (!was_struck) break;
      }
    }
  }
};

TEST_F(OutOfMemoryTest, FlushesAreTriedAgain) {
  RunOutAnywhere([&] { PushRows({MakeRow(1), MakeRow(2)}); }, [&] { return engine_->Flush(); });
}

TEST_F(OutOfMemoryTest, MergesAreTriedAgain) {
  RunOutAnywhere([&] { FillParts(); }, [&] { return engine_->Compact(); });
}

TEST_F(OutOfMemoryTest, LogGoesOnInANewSegment) {
  for (const auto operation : {FileOperation::kAppend, FileOperation::kSync}) {
    Open();
    PushRows({MakeRow(1)});
    const uint64_t struck = faults_.struck();
    faults_.ThrowNth(operation, 1, "/wal/");
    const Status second = Push(engine_.get(), "t", {MakeRow(2)});
    EXPECT_GT(faults_.struck(), struck);
    std::vector<PlainRow> acknowledged = {MakeRow(1), MakeRow(3)};
    if (second.ok()) {  // it asked so late that a flush had made up for the log
      acknowledged.push_back(MakeRow(2));
    } else {
      EXPECT_THAT(second, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("bad_alloc")));
    }
    while (!Push(engine_.get(), "t", {MakeRow(3)}).ok()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    Crash(1);
    Open();
    EXPECT_THAT(Rows(), ::testing::IsSupersetOf(acknowledged));
    UseNewDirectory();
  }
}

TEST_F(OutOfMemoryTest, BackgroundSaysWhyAMergeFailed) {
  Open();
  FillParts();
  const auto rows = Sorted();
  faults_.ThrowNth(FileOperation::kCreate, 1, "/tenants/");
  engine_->StartCompaction();
  while (engine_->Stats().full_compaction_running) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_THAT(engine_->Stats().full_compaction_error, HasSubstr("bad_alloc"));
  EXPECT_EQ(engine_->Stats().compaction_failures, 1u);
  EXPECT_EQ(Sorted(), rows);
}

// Where it looks at the free space, between merges.
TEST_F(OutOfMemoryTest, BackgroundOutlivesIt) {
  Open();
  FillParts();
  const auto rows = Sorted();
  const uint64_t struck = faults_.struck();
  faults_.ThrowNth(FileOperation::kOther, 1);
  engine_->StartCompaction();
  while (faults_.struck() == struck) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(Sorted(), rows);
  Open();
  EXPECT_EQ(Sorted(), rows);
}

}  // namespace
}  // namespace skald::storage
