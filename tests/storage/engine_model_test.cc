// Random pushes, flushes, restarts and power cuts against a model that knows every row.
#include "tests/support/engine_model.h"

#include <gtest/gtest.h>

#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineModel;
using ::skald::test_support::PlainRow;

class Model : public EngineModel {
 public:
  using EngineModel::EngineModel;

  void Run(int steps) {
    Open();
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) Step();
    ASSERT_FALSE(::testing::Test::HasFailure());
    Check();
  }

 private:
  void Configure() override { options_.memtable_bytes = 256 << 10; }

  PlainRow RandomRow() override {
    PlainRow row;
    row.labels = "{app=\"" + std::to_string(random_.Below(5)) + "\"}";
    row.time = static_cast<int64_t>(random_.Below(2000));
    row.line = "line " + std::to_string(random_.Below(3)) + std::string(random_.Below(40), 'x');
    if (random_.Below(3) == 0) row.metadata = {{"id", std::to_string(random_.Below(2))}};
    return row;
  }

  void PushSome() {
    std::vector<PlainRow> rows = RandomRows(200);
    if (!acknowledged_.empty() && random_.Below(3) == 0) {
      rows.push_back(*std::next(acknowledged_.begin(),
                                static_cast<ptrdiff_t>(random_.Below(acknowledged_.size()))));
    }
    Push(rows);
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
};

class EngineModelTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(EngineModelTest, KeepsEveryAcknowledgedRowOnce) { Model(GetParam()).Run(120); }

INSTANTIATE_TEST_SUITE_P(Seeds, EngineModelTest, ::testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace skald::storage
