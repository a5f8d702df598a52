// Random pushes, flushes, merges, restarts and power cuts against a model that knows every row,
// over rows of several days.
#include <gtest/gtest.h>

#include "tests/support/engine_model.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineModel;
using ::skald::test_support::kDay;
using ::skald::test_support::PlainRow;

class Model : public EngineModel {
 public:
  using EngineModel::EngineModel;

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
  void Configure() override { options_.compact_in_background = random_.OneIn(2); }
  void BeforeClose() override { merges_ += engine_->Stats().compactions; }

  PlainRow RandomRow() override {
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
        return Push(RandomRows(60));
    }
  }

  uint64_t merges_ = 0;
};

class CompactModelTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(CompactModelTest, KeepsEveryAcknowledgedRowOnce) { Model(GetParam()).Run(150); }

INSTANTIATE_TEST_SUITE_P(Seeds, CompactModelTest, ::testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace skald::storage
