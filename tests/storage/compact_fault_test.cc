// Merges: what comes out, and what is left when they are stopped anywhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/support/engine_fixture.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::kDay;
using ::skald::test_support::PlainRow;
using ::testing::HasSubstr;

PlainRow MakeRow(int64_t time, const std::string& line) { return {"{app=\"a\"}", time, line, {}}; }

class CompactTest : public ::testing::Test, protected EngineFixture {
 protected:
  CompactTest() { options_.free_space_reserve = 1000; }

  // Four parts whose rows span three days and repeat each other. Returns the distinct rows.
  std::vector<PlainRow> FillParts() {
    std::vector<PlainRow> rows;
    for (int i = 0; i < 4; ++i) {
      std::vector<PlainRow> push = {MakeRow(5, "in all parts")};
      for (int64_t day = 0; day < 3; ++day) push.push_back(MakeRow(day * kDay + i, "own"));
      PushRows(push);
      EXPECT_OK(engine_->Flush());
      rows.insert(rows.end(), push.begin() + (i == 0 ? 0 : 1), push.end());
    }
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  // Two parts of two days, large enough to go to the last level in one step.
  std::vector<PlainRow> FillLargeParts() {
    Random random(7);
    std::vector<PlainRow> rows;
    for (int i = 0; i < 2; ++i) {
      std::vector<PlainRow> push;
      for (int64_t day = 0; day < 2; ++day) {
        std::string line(300'000, ' ');
        for (char& c : line) c = static_cast<char>('!' + random.Below(90));
        push.push_back(MakeRow(day * kDay + i, line));
      }
      PushRows(push);
      EXPECT_OK(engine_->Flush());
      rows.insert(rows.end(), push.begin(), push.end());
    }
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  // A merged part of three blocks, of which one has a row that is to be removed.
  std::vector<PlainRow> FillDeletedRows() {
    std::vector<PlainRow> rows;
    for (int i = 0; i < 6; ++i) {
      rows.push_back(MakeRow(i, std::to_string(i) + std::string(790'000, 'x')));
    }
    PushRows(rows);
    FlushAndCompact();
    EXPECT_OK(engine_->deletes()->Create("t", {"a 3x", 0, kDay}).status());
    rows.erase(rows.begin() + 3);
    clock_.Advance(kDay + 1);
    return rows;
  }

  // Fills an engine with what can be merged; returns the rows that are shown, sorted.
  using Fill = std::function<std::vector<PlainRow>()>;

  // `parts`: what a whole compaction leaves.
  void CutPowerAnywhere(const Fill& fill, size_t parts) {
    for (uint64_t operations = 0;; operations += FaultStride()) {
      Open();
      const auto rows = fill();
      faults_.CutPowerAfter(operations);
      const bool finished = engine_->Compact().ok();
      Crash(operations);
      Open();
      clock_.Advance(kDay + 1);  // delete requests are due again
      ASSERT_EQ(Sorted(), rows) << operations;
      ASSERT_OK(engine_->Compact());
      ASSERT_EQ(Sorted(), rows) << operations;
      ASSERT_EQ(engine_->Stats().part_rows, rows.size()) << operations;
      ASSERT_EQ(PartFiles(), parts) << operations;
      UseNewDirectory();
      if (finished) break;
      ASSERT_LT(operations, 500u);
    }
  }
  void FailAnywhere(const Fill& fill, size_t parts) {
    for (const auto operation :
         {FileOperation::kCreate, FileOperation::kAppend, FileOperation::kSync,
          FileOperation::kRename, FileOperation::kSyncDirectory}) {
      for (uint64_t nth = 1;; nth += FaultStride()) {
        Open();
        const auto rows = fill();
        // Twice for the manifest: an edit that cannot be appended is written with the whole file.
        faults_.FailNth(operation, nth, Unavailable("EIO"));
        faults_.FailNth(operation, nth + 1, Unavailable("EIO"));
        const bool finished = engine_->Compact().ok();
        ASSERT_EQ(Sorted(), rows) << nth;
        faults_.Heal();
        ASSERT_OK(engine_->Compact());
        ASSERT_EQ(Sorted(), rows) << nth;
        ASSERT_EQ(PartFiles(), parts) << nth;
        Crash(nth);
        Open();
        ASSERT_EQ(Sorted(), rows) << nth;
        UseNewDirectory();
        if (finished) break;
        ASSERT_LT(nth, 200u);
      }
    }
  }

  std::vector<PlainRow> Sorted() {
    std::vector<PlainRow> rows = Rows();
    std::sort(rows.begin(), rows.end());
    return rows;
  }
};

TEST_F(CompactTest, MergesIntoOnePartADayAndDropsCopies) {
  Open();
  const auto rows = FillParts();
  EXPECT_EQ(engine_->Stats().part_rows, 16u);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().parts, 3u);
  EXPECT_EQ(engine_->Stats().part_rows, 13u);
  EXPECT_EQ(engine_->Stats().compactions, 1u);
  EXPECT_EQ(Sorted(), rows);
  EXPECT_EQ(PartFiles(), 3u);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().compactions, 1u) << "merged parts are left alone";
  Open();
  EXPECT_EQ(engine_->Stats().parts, 3u);
  EXPECT_EQ(Sorted(), rows);
}

TEST_F(CompactTest, BackgroundMergesWhatFlushesLeaveWhenItHasRested) {
  options_.compact_in_background = true;
  Open();
  const auto rows = FillParts();
  for (int i = 0; i < 6000 && engine_->Stats().compactions == 0; ++i) {
    clock_.Advance(kNanosPerHour / 60);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(engine_->Stats().parts, 3u);
  EXPECT_EQ(Sorted(), rows);
}

TEST_F(CompactTest, BackgroundDoesAllWhenItIsAskedTo) {
  Open();
  const auto rows = FillParts();
  engine_->StartCompaction();
  for (int i = 0; i < 6000 && engine_->Stats().full_compaction_running; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(engine_->Stats().parts, 3u);
  EXPECT_EQ(engine_->Stats().compactions, 1u);
  EXPECT_EQ(engine_->Stats().full_compaction_error, "");
  EXPECT_EQ(Sorted(), rows);
}

TEST_F(CompactTest, AskedForCompactionSaysWhyItEnded) {
  Open();
  const auto rows = FillParts();
  files_.set_free_space(1500);
  engine_->StartCompaction();
  for (int i = 0; i < 6000 && engine_->Stats().full_compaction_running; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_THAT(engine_->Stats().full_compaction_error, HasSubstr("too little free space"));
  EXPECT_EQ(Sorted(), rows);
}

TEST_F(CompactTest, PartsOfOneDayAreMergedASecondTimeAndNoMore) {
  Open();
  for (int i = 0; i < 3; ++i) {
    PushRows({MakeRow(i, std::to_string(i))});
    ASSERT_OK(engine_->Flush());
    ASSERT_OK(engine_->Compact());
    EXPECT_EQ(Sorted().size(), static_cast<size_t>(i + 1));
  }
  // A level-2 part of the first two, a level-1 part of the third.
  EXPECT_EQ(engine_->Stats().parts, 2u);
  EXPECT_EQ(engine_->Stats().compactions, 4u);
}

// Compactions that are asked for again and again, each with a little that is new.
TEST_F(CompactTest, SmallPartsOfTheLastLevelAreMergedSoThatFewRemain) {
  Open();
  std::vector<PlainRow> rows;
  for (int i = 0; i < 64; ++i) {
    rows.push_back(MakeRow(i, std::to_string(i)));
    PushRows({rows.back()});
    FlushAndCompact();
    EXPECT_LE(engine_->Stats().parts, 8u) << i;
  }
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(Sorted(), rows);
  EXPECT_LE(engine_->Stats().compactions, 64u + 32u + 16u);
}

// A delete request that is not processed keeps apart what came before it and after.
TEST_F(CompactTest, PartsOfTheLastLevelAreNotMergedAcrossADeleteRequest) {
  Open();
  std::vector<PlainRow> rows;
  for (int i = 0; i < 6; ++i) {
    rows.push_back(MakeRow(i, std::to_string(i)));
    PushRows({rows.back()});
    FlushAndCompact();
  }
  EXPECT_EQ(engine_->Stats().parts, 3u);
  const uint64_t merges = engine_->Stats().compactions;
  const std::string id = *engine_->deletes()->Create("t", {"a nothing", 0, kDay});
  for (int i = 6; i < 8; ++i) {
    rows.push_back(MakeRow(i - 6, std::to_string(i)));
    PushRows({rows.back()});
    FlushAndCompact();
  }
  EXPECT_EQ(engine_->Stats().parts, 4u) << "the request stands between the third and the fourth";
  EXPECT_EQ(engine_->Stats().compactions, merges + 3);
  ASSERT_OK(engine_->deletes()->Cancel("t", id, true));
  FlushAndCompact();
  EXPECT_EQ(engine_->Stats().parts, 1u);
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(Sorted(), rows);
}

// What is large enough is encoded once more, not twice: level 0 and level 1 in one merge.
TEST_F(CompactTest, LargePartsGoToTheLastLevelInOneStep) {
  Open();
  std::vector<PlainRow> rows = FillParts();
  ASSERT_OK(engine_->Compact());
  ASSERT_EQ(engine_->Stats().parts, 3u) << "of level 1";
  Random random(7);
  for (int i = 0; i < 2; ++i) {
    std::vector<PlainRow> push;
    for (int64_t day = 0; day < 2; ++day) {
      std::string line(800'000, ' ');
      for (char& c : line) c = static_cast<char>('!' + random.Below(90));
      push.push_back(MakeRow(day * kDay + 100 + i, line));
    }
    PushRows(push);
    ASSERT_OK(engine_->Flush());
    rows.insert(rows.end(), push.begin(), push.end());
  }
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().compactions, 2u);
  EXPECT_EQ(engine_->Stats().parts, 3u) << "one a day";
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(Sorted(), rows);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().compactions, 2u) << "which stay";
}

TEST_F(CompactTest, EqualTimesKeepTheirArrivalOrder) {
  Open();
  std::vector<PlainRow> expected;
  for (int i = 9; i >= 0; --i) {
    expected.push_back(MakeRow(7, std::to_string(i)));
    PushRows({expected.back()});
    ASSERT_OK(engine_->Flush());
    if (i % 4 == 0) {
      ASSERT_OK(engine_->Compact());
    }
    EXPECT_EQ(Rows(), expected);
  }
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(Rows(), expected);
}

// More parts than one merge takes; the second merge fails.
TEST_F(CompactTest, MergedPartTakesThePlaceOfItsInputs) {
  Open();
  std::vector<PlainRow> expected;
  for (int i = 70; i > 0; --i) {
    expected.push_back(MakeRow(7, std::to_string(i)));
    PushRows({expected.back()});
    ASSERT_OK(engine_->Flush());
  }
  faults_.FailNth(FileOperation::kCreate, 2, Unavailable("EIO"), ".part");
  EXPECT_FALSE(engine_->Compact().ok());
  EXPECT_EQ(engine_->Stats().compactions, 1u);
  EXPECT_EQ(Rows(), expected);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(Rows(), expected);
  EXPECT_EQ(engine_->Stats().parts, 1u);
}

TEST_F(CompactTest, CopyIsKnownByWhatWasPushedAndTheEarliestStays) {
  Open();
  const std::vector<std::vector<std::pair<std::string, std::string>>> metadata = {
      {{"detected_level", "info"}, {"k", "v"}},
      {{"detected_level", "warn"}, {"k", "v"}},
      {{"k", "other"}},
      {{"k", ""}},
      {},
      {{"kv", ""}}};
  for (const auto& pairs : metadata) {
    PushRows({{"{app=\"a\"}", 1, "line", pairs}});
    ASSERT_OK(engine_->Flush());
  }
  const auto before = Rows();
  EXPECT_EQ(before.size(), 5u);
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(Rows(), before);
  EXPECT_EQ(engine_->Stats().part_rows, 5u);
}

// Streams of many sizes: some share blocks, one fills several.
TEST_F(CompactTest, MergesManyStreamsOfManyBlocks) {
  Open();
  std::vector<PlainRow> all;
  for (int part = 0; part < 3; ++part) {
    std::vector<PlainRow> rows;
    for (int i = 0; i < 6000; ++i) {
      const int stream = i % 3 == 0 ? 0 : i % 200;
      rows.push_back({"{app=\"" + std::to_string(stream) + "\"}",
                      i * kDay / 4000,
                      std::string(i % 900, 'x') + std::to_string(part + i),
                      {}});
    }
    PushRows(rows);
    ASSERT_OK(engine_->Flush());
    all.insert(all.end(), rows.begin(), rows.end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().parts, 2u);
  EXPECT_EQ(engine_->Stats().part_rows, all.size());
  EXPECT_TRUE(Sorted() == all);
}

TEST_F(CompactTest, SnapshotKeepsItsPartsAlive) {
  Open();
  FillParts();
  auto snapshot = engine_->reader()->GetSnapshot("t");
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(PartFiles(), 7u);
  {
    ASSERT_OK_AND_ASSIGN(auto selection, snapshot->Select({}, {}, nullptr));
    for (size_t i = 0; i < selection->units().size(); ++i) {
      ASSERT_OK_AND_ASSIGN(const auto block, selection->Open(i, nullptr));
      EXPECT_OK(block->Lines().status());
    }
  }
  snapshot.reset();
  EXPECT_EQ(PartFiles(), 3u);
}

TEST_F(CompactTest, TooLittleFreeSpaceStopsAMergeBeforeItBegins) {
  Open();
  const auto rows = FillParts();
  files_.set_free_space(1500);
  EXPECT_THAT(engine_->Compact(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("space")));
  EXPECT_EQ(Sorted(), rows);
  files_.set_free_space(1 << 30);
  EXPECT_OK(engine_->Compact());
}

TEST_F(CompactTest, MergesAsManyPartsAsTheFreeSpaceAllows) {
  Open();
  const auto rows = FillParts();
  files_.set_free_space(1000 + engine_->Stats().part_bytes / 4 * 3);
  EXPECT_OK(engine_->Compact());
  EXPECT_GT(engine_->Stats().compactions, 1u);
  EXPECT_EQ(engine_->Stats().parts, 3u) << "one a day";
  EXPECT_EQ(Sorted(), rows);
}

// Sixteen names in every row: decoded, they are most of what a merge holds.
TEST_F(CompactTest, MergesAsManyPartsAsTheirDecodedMetadataAllows) {
  options_.compaction_bytes = 32 << 20;
  Open();
  std::vector<std::pair<std::string, std::string>> metadata;
  for (char c = 'a'; c < 'q'; ++c) metadata.emplace_back(std::string("some_name_") + c, "value");
  for (int part = 0; part < 8; ++part) {
    std::vector<PlainRow> rows;
    for (int i = 0; i < 8000; ++i) rows.push_back({"{app=\"a\"}", part * 8000 + i, "x", metadata});
    PushRows(rows);
    ASSERT_OK(engine_->Flush());
  }
  ASSERT_OK(engine_->Compact());
  EXPECT_GT(engine_->Stats().compactions, 1u);
}

TEST_F(CompactTest, DamagedPartStaysAsItIsAndTheOthersAreMerged) {
  Open();
  FillParts();
  engine_.reset();
  ASSERT_OK_AND_ASSIGN(const auto names, files_.ListDirectory(TenantDirectory()));
  const auto part = std::find_if(names.begin(), names.end(), [](const std::string& name) {
    return name.find(".part") != std::string::npos;
  });
  files_.Overwrite(TenantDirectory() + "/" + *part, 9, "damage");
  Open();
  EXPECT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().compaction_failures, 1u);
  EXPECT_EQ(engine_->Stats().compactions, 1u);
  EXPECT_EQ(engine_->Stats().parts, 4u) << "the damaged one, and one a day";
  EXPECT_EQ(PartFiles(), 4u);
  EXPECT_OK(files_.FileSize(TenantDirectory() + "/" + *part).status());
}

TEST_F(CompactTest, PowerCutAtAnyOperationLosesNothing) {
  CutPowerAnywhere([this] { return FillParts(); }, 3);
}

TEST_F(CompactTest, FailureOfAnyOperationLosesNothingAndIsTriedAgain) {
  FailAnywhere([this] { return FillParts(); }, 3);
}

TEST_F(CompactTest, PowerCutOnTheWayToTheLastLevelInOneStepLosesNothing) {
  CutPowerAnywhere([this] { return FillLargeParts(); }, 2);
}

TEST_F(CompactTest, FailureOnTheWayToTheLastLevelInOneStepLosesNothing) {
  FailAnywhere([this] { return FillLargeParts(); }, 2);
}

TEST_F(CompactTest, PartWithDeletedRowsIsWrittenAgainByCopyingItsOtherBlocks) {
  Open();
  const auto rows = FillDeletedRows();
  ASSERT_OK(engine_->Compact());
  EXPECT_EQ(engine_->Stats().part_rows, rows.size());
  EXPECT_EQ(engine_->Stats().compaction_blocks_copied, 2u);
  EXPECT_EQ(Sorted(), rows);
}

TEST_F(CompactTest, PowerCutWhileBlocksAreCopiedLosesNothing) {
  CutPowerAnywhere([this] { return FillDeletedRows(); }, 1);
}

TEST_F(CompactTest, FailureWhileBlocksAreCopiedLosesNothing) {
  FailAnywhere([this] { return FillDeletedRows(); }, 1);
}

TEST_F(CompactTest, ManifestLostAfterAMergeIsRebuilt) {
  Open();
  const auto rows = FillParts();
  ASSERT_OK(engine_->Compact());
  engine_.reset();
  ASSERT_OK(files_.RemoveFile(options_.directory + "/MANIFEST"));
  Open();
  EXPECT_EQ(Sorted(), rows);
  EXPECT_EQ(engine_->Stats().parts, 3u);
}

// The manifest is lost in the middle of a merge: some outputs have their names, and all inputs.
TEST_F(CompactTest, ManifestLostDuringAMergeIsRebuilt) {
  for (uint64_t renames = 1; renames <= 3; ++renames) {
    Open();
    const auto rows = FillParts();
    faults_.FailNth(FileOperation::kRename, renames, Unavailable("EIO"), ".part");
    faults_.FailAll(FileOperation::kRemove, Unavailable("EIO"));
    EXPECT_FALSE(engine_->Compact().ok());
    engine_.reset();
    faults_.Heal();
    ASSERT_OK(files_.RemoveFile(options_.directory + "/MANIFEST"));
    Open();
    EXPECT_EQ(Sorted(), rows) << renames;
    ASSERT_OK(engine_->Compact());
    EXPECT_EQ(Sorted(), rows) << renames;
    UseNewDirectory();
  }
}

}  // namespace
}  // namespace skald::storage
