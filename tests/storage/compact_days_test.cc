// A part with rows of more days than the process may have files open.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "tests/support/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::kDay;
using ::skald::test_support::PlainRow;

class CompactDaysTest : public ::testing::Test, protected EngineFixture {
 protected:
  CompactDaysTest() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = 100;
    setrlimit(RLIMIT_NOFILE, &few);
    std::filesystem::remove_all(root_);
    options_.files = FileSystem::Posix();
    options_.directory = root_;
  }
  ~CompactDaysTest() override {
    engine_.reset();
    setrlimit(RLIMIT_NOFILE, &before_);
    std::filesystem::remove_all(root_);
  }

  const std::string root_ = ::testing::TempDir() + "/compact_days." + std::to_string(getpid());
  rlimit before_{};
};

TEST_F(CompactDaysTest, BecomesAPartADayAndAllCanBeRead) {
  constexpr int kDays = 150;
  Open();
  std::vector<PlainRow> rows;
  for (int day = 0; day < kDays; ++day) {
    rows.push_back({"{app=\"a\"}", day * kDay, std::to_string(day), {}});
  }
  PushRows(rows);
  FlushAndCompact();
  EXPECT_EQ(engine_->Stats().parts, kDays);
  EXPECT_EQ(Rows(), rows);
  Open();
  EXPECT_EQ(engine_->Stats().parts, kDays);
  EXPECT_EQ(Rows(), rows);
}

}  // namespace
}  // namespace skald::storage
