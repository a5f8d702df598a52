// Every single operation on files of a whole life of an engine fails, is torn, or is the last one
// before the power goes; nothing acknowledged is lost, nothing is shown twice or half.
#include <gtest/gtest.h>

#include <functional>

#include "tests/support/engine_life.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineLife;

constexpr uint64_t kMostOperations = 3000;

// Sets the fault of the nth life.
using Arm = std::function<void(FaultFileSystem* faults, uint64_t nth)>;

// Runs lives, each with a later operation struck, until one comes to its end before that.
void StrikeEach(const Arm& arm, bool crash) {
  for (uint64_t nth = 1;; nth += FaultStride()) {
    ASSERT_LT(nth, kMostOperations);
    SCOPED_TRACE(nth);
    EngineLife life;
    arm(life.faults(), nth);
    life.Run(crash);
    const bool struck = life.faults()->struck() > 0;
    if (!::testing::Test::HasFailure()) life.Finish(nth);
    ASSERT_FALSE(::testing::Test::HasFailure());
    if (!struck) return;
  }
}

struct Operation {
  const char* name;
  FileOperation operation;
};

class EngineFaultTest : public ::testing::TestWithParam<Operation> {};

TEST_P(EngineFaultTest, FailsOnce) {
  StrikeEach(
      [](FaultFileSystem* faults, uint64_t nth) {
        faults->FailNth(GetParam().operation, nth, Unavailable("Input/output error"));
      },
      /*crash=*/false);
}

TEST_P(EngineFaultTest, FailsFromThenOn) {
  StrikeEach(
      [](FaultFileSystem* faults, uint64_t nth) {
        faults->FailFrom(GetParam().operation, nth, Unavailable("No space left on device"));
      },
      /*crash=*/false);
}

INSTANTIATE_TEST_SUITE_P(
    Every, EngineFaultTest,
    ::testing::Values(
        Operation{"Create", FileOperation::kCreate}, Operation{"Append", FileOperation::kAppend},
        Operation{"Sync", FileOperation::kSync}, Operation{"Read", FileOperation::kRead},
        Operation{"Rename", FileOperation::kRename}, Operation{"Remove", FileOperation::kRemove},
        Operation{"Truncate", FileOperation::kTruncate},
        Operation{"CreateDirectory", FileOperation::kCreateDirectory},
        Operation{"SyncDirectory", FileOperation::kSyncDirectory},
        Operation{"Look", FileOperation::kOther}),
    [](const auto& test) { return test.param.name; });

TEST(EngineTornWriteTest, WritesABitOfTheAppend) {
  for (const size_t written : {1, 20}) {
    StrikeEach(
        [&](FaultFileSystem* faults, uint64_t nth) {
          faults->ShortAppendNth(nth, written, Unavailable("No space left on device"));
        },
        /*crash=*/false);
  }
}

// A write is torn, and the power goes with it.
TEST(EngineTornWriteTest, CrashesAfterIt) {
  StrikeEach([](FaultFileSystem* faults,
                uint64_t nth) { faults->ShortAppendNth(nth, 20, Unavailable("power cut")); },
             /*crash=*/true);
}

TEST(EnginePowerCutTest, AfterEveryOperation) {
  StrikeEach([](FaultFileSystem* faults, uint64_t nth) { faults->CutPowerAfter(nth - 1); },
             /*crash=*/true);
}

}  // namespace
}  // namespace skald::storage
