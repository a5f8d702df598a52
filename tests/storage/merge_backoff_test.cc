// A merge that cannot succeed keeps no other from being carried out.
#include "storage/compact/merge_backoff.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "tests/support/engine_fixture.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::kDay;
using ::testing::HasSubstr;

constexpr int64_t kSecond = 1'000'000'000;

TEST(MergeBackoffTest, WaitsGrowFromTenSecondsToTenMinutes) {
  MergeBackoff backoff;
  EXPECT_FALSE(backoff.IsWaiting(1, 0));
  int64_t now = 0;
  for (const int64_t seconds : {10, 20, 40, 80, 160, 320, 600, 600}) {
    backoff.NoteFailure(1, now);
    EXPECT_TRUE(backoff.IsWaiting(1, now + seconds * kSecond - 1)) << seconds;
    now += seconds * kSecond;
    EXPECT_FALSE(backoff.IsWaiting(1, now)) << seconds;
  }
  EXPECT_FALSE(backoff.IsWaiting(2, 0));
}

TEST(MergeBackoffTest, PartThatDidNotFailForLongBeginsAnew) {
  MergeBackoff backoff;
  for (int i = 0; i < 5; ++i) backoff.NoteFailure(1, 0);
  const int64_t later = 1000 * kSecond;
  backoff.NoteFailure(2, later);
  backoff.NoteFailure(1, later);
  EXPECT_FALSE(backoff.IsWaiting(1, later + 10 * kSecond));
  backoff.Clear();
  EXPECT_FALSE(backoff.IsWaiting(2, later));
}

// The tenant "t" has more parts to be merged than "u", so its turn comes first.
class FailedMergeTest : public ::testing::Test, protected EngineFixture {
 protected:
  FailedMergeTest() { options_.free_space_reserve = 1000; }

  void Fill(const std::string& tenant, int parts, const std::string& line = "line") {
    for (int i = 0; i < parts; ++i) {
      PushRows({{"{app=\"a\"}", i, line + std::to_string(i), {}}}, tenant);
      ASSERT_OK(engine_->Flush());
    }
  }
  void FillBoth() {
    Fill("t", 6);
    Fill("u", 4);
  }
  std::string DirectoryOf(const std::string& tenant) {
    const std::string root = options_.directory + "/tenants";
    const auto numbers = *files_.ListDirectory(root);
    for (const std::string& number : numbers) {
      const std::string path = StrCat(root, "/", number);
      if (*ReadWholeFile(&files_, path + "/tenant") == tenant) return path;
    }
    ADD_FAILURE() << tenant << " has no directory";
    return root;
  }
  // The part files of a tenant, oldest first.
  std::vector<std::string> PartsOf(const std::string& tenant) {
    const std::string directory = DirectoryOf(tenant);
    auto names = *files_.ListDirectory(directory);
    std::erase_if(names, [](const std::string& name) { return !name.ends_with(".part"); });
    std::sort(names.begin(), names.end());
    for (std::string& name : names) name = StrCat(directory, "/", name);
    return names;
  }
};

TEST_F(FailedMergeTest, OthersAreCarriedOutInTheBackground) {
  options_.compact_in_background = true;
  Open();
  FillBoth();
  faults_.FailAll(FileOperation::kCreate, Unavailable("EIO"), DirectoryOf("t") + "/");
  clock_.Advance(kNanosPerHour);
  for (int i = 0; i < 3000 && engine_->Stats().compactions == 0; ++i) {
    clock_.Advance(kNanosPerHour / 60);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(engine_->Stats().compactions, 1u);
  EXPECT_EQ(PartsOf("t").size(), 6u);
  EXPECT_EQ(PartsOf("u").size(), 1u);
}

TEST_F(FailedMergeTest, AskedForCompactionMergesTheOthersAndSaysWhatFailed) {
  Open();
  FillBoth();
  faults_.FailAll(FileOperation::kCreate, Unavailable("EIO"), DirectoryOf("t") + "/");
  for (uint64_t failures = 1; failures <= 2; ++failures) {
    EXPECT_THAT(engine_->Compact(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("EIO")));
    EXPECT_EQ(engine_->Stats().compaction_failures, failures) << "each asks for it once more";
    EXPECT_EQ(PartsOf("u").size(), 1u);
  }
  faults_.Heal();
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(PartsOf("t").size(), 1u);
  EXPECT_EQ(Rows("t").size(), 6u);
}

TEST_F(FailedMergeTest, MergeThatDoesNotFitLeavesItsTurnToOneThatDoes) {
  Open();
  std::string line;
  for (int i = 0; i < 20'000; ++i) line += std::to_string(i * 7919 % 10'007);
  Fill("t", 3, line);
  Fill("u", 2);
  files_.set_free_space(20'000);
  EXPECT_THAT(engine_->Compact(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("space")));
  EXPECT_EQ(PartsOf("t").size(), 3u);
  EXPECT_EQ(PartsOf("u").size(), 1u);
}

TEST_F(FailedMergeTest, PartWhoseFileIsGoneStaysOutAndTheOthersAreMerged) {
  Open();
  FillBoth();
  const std::string gone = PartsOf("t")[2];
  ASSERT_OK(files_.RemoveFile(gone));
  EXPECT_THAT(engine_->Compact(), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(PartsOf("t").size(), 2u) << "those before it, and those after";
  EXPECT_EQ(PartsOf("u").size(), 1u);
}

TEST_F(FailedMergeTest, PartThatCannotBeReadStaysOutAndTheOthersAreMerged) {
  Open();
  FillBoth();
  engine_.reset();
  Open();  // what was read before is no longer in the cache
  faults_.FailAll(FileOperation::kRead, Unavailable("EIO"), PartsOf("t")[0]);
  EXPECT_THAT(engine_->Compact(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("EIO")));
  EXPECT_EQ(PartsOf("t").size(), 2u);
  EXPECT_EQ(PartsOf("u").size(), 1u);
}

TEST_F(FailedMergeTest, PartThatCannotBeSearchedForDeletedRowsHindersNoOther) {
  Open();
  for (const std::string tenant : {"t", "u"}) {
    Fill(tenant, 2);
    ASSERT_OK(engine_->deletes()->Create(tenant, {"a line1", 0, kDay}).status());
  }
  clock_.Advance(kDay + 1);
  faults_.FailAll(FileOperation::kRead, Unavailable("EIO"), DirectoryOf("t") + "/");
  EXPECT_FALSE(engine_->Compact().ok());
  EXPECT_EQ(Rows("u").size(), 1u);
  EXPECT_EQ(engine_->Stats().part_rows, 3u);
}

}  // namespace
}  // namespace skald::storage
