// An engine on a disk that takes nothing any more: it starts, shows everything, and goes on when
// there is space again.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;

class FullDiskTest : public ::testing::Test, protected EngineFixture {
 protected:
  FullDiskTest() {
    options_.memtable_bytes = 64 << 10;
    options_.relog_tenant_bytes = 4 << 10;
  }

  void FillDisk() { faults_.FailAll(FileOperation::kCreate, Unavailable("No space left")); }

  // Pushes until no more is taken; remembers what was acknowledged.
  void PushUntilRefused() {
    for (bool taken = true; taken;) {
      std::vector<PlainRow> rows;
      for (int i = 0; i < 10; ++i) {
        rows.push_back({"{app=\"a\"}", next_time_++, std::string(1000, 'x'), {}});
      }
      taken = Push(engine_.get(), "t", rows).ok();
      if (taken) acknowledged_.insert(acknowledged_.end(), rows.begin(), rows.end());
      ASSERT_LT(next_time_, 10'000);
    }
  }

  int64_t next_time_ = 0;
  std::vector<PlainRow> acknowledged_;  // in order of time
};

TEST_F(FullDiskTest, StartsWithALogOfMoreThanAMemtable) {
  Open();
  faults_.FailAll(FileOperation::kCreate, Unavailable("No space left"), "/tenants/");
  PushUntilRefused();
  EXPECT_GT(acknowledged_.size(), 100u);
  FillDisk();
  for (int start = 0; start < 2; ++start) {
    engine_.reset();
    Open();
    EXPECT_GE(engine_->Stats().frozen_memtables, 1u);
    EXPECT_EQ(Rows(), acknowledged_);
    EXPECT_FALSE(Push(engine_.get(), "t", {{"{app=\"a\"}", 0, "refused", {}}}).ok());
    EXPECT_FALSE(engine_->Flush().ok());
  }
  faults_.Heal();
  // The first may be told of a try that was under way when there was no space.
  ASSERT_TRUE(engine_->Flush().ok() || engine_->Flush().ok());
  EXPECT_EQ(engine_->Stats().memtable_rows, 0u);
  EXPECT_EQ(Rows(), acknowledged_);
  Crash(1);
  Open();
  EXPECT_EQ(Rows(), acknowledged_);
  PushRows({{"{app=\"a\"}", next_time_, "taken", {}}});
}

// The manifest could not be written, so it is not certain what a crash leaves of its last edit.
TEST_F(FullDiskTest, RemovesNoFileThatTheManifestDoesNotName) {
  Open();
  PushRows({{"{app=\"a\"}", 1, "line", {}}});
  ASSERT_OK(engine_->Flush());
  engine_.reset();
  const std::string unnamed = TenantDirectory() + "/00000000000000ff.part";
  ASSERT_OK_AND_ASSIGN(auto file, files_.NewWritableFile(unnamed));
  file.reset();
  FillDisk();
  Open();
  EXPECT_TRUE(files_.FileExists(unnamed));
  EXPECT_EQ(Rows().size(), 1u);
  faults_.Heal();
  Open();
  EXPECT_FALSE(files_.FileExists(unnamed));
}

}  // namespace
}  // namespace skald::storage
