// Merges: what comes out, and what is left when they are stopped anywhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

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
using ::testing::HasSubstr;

constexpr int64_t kDay = 24 * kNanosPerHour;

PlainRow MakeRow(int64_t time, const std::string& line) { return {"{app=\"a\"}", time, line, {}}; }

class CompactTest : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> Open() {
    EngineOptions options;
    options.files = &faults_;
    options.directory = directory_;
    options.decoder = &decoder_;
    options.free_space_reserve = 1000;
    options.compact_in_background = compact_in_background_;
    options.clock = &clock_;
    StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(options);
    EXPECT_OK(engine.status());
    return engine.ok() ? *std::move(engine) : nullptr;
  }

  void UseNewDirectory() { directory_ += "x"; }
  std::string TenantDirectory() const { return directory_ + "/tenants/1"; }

  void Crash(std::unique_ptr<Engine>* engine, uint64_t seed) {
    faults_.CutPowerAfter(0);
    engine->reset();
    files_.Crash(seed);
    faults_.Heal();
  }

  // Four parts whose rows span three days and repeat each other. Returns the distinct rows.
  std::vector<PlainRow> FillParts(Engine* engine) {
    std::vector<PlainRow> rows;
    for (int i = 0; i < 4; ++i) {
      std::vector<PlainRow> push = {MakeRow(5, "in all parts")};
      for (int64_t day = 0; day < 3; ++day) push.push_back(MakeRow(day * kDay + i, "own"));
      EXPECT_OK(Push(engine, "t", push));
      EXPECT_OK(engine->Flush());
      rows.insert(rows.end(), push.begin() + (i == 0 ? 0 : 1), push.end());
    }
    std::sort(rows.begin(), rows.end());
    return rows;
  }

  std::vector<PlainRow> Sorted(Engine* engine) {
    StatusOr<std::vector<PlainRow>> rows = ReadRows(engine, "t");
    EXPECT_OK(rows.status());
    if (!rows.ok()) return {};
    std::sort(rows->begin(), rows->end());
    return *std::move(rows);
  }

  size_t PartFiles() {
    const auto names = files_.ListDirectory(TenantDirectory());
    return static_cast<size_t>(std::count_if(names->begin(), names->end(), [](const auto& name) {
      return name.find(".part") != std::string::npos;
    }));
  }

  ManualClock clock_{100 * kDay};
  std::string directory_ = "/d";
  bool compact_in_background_ = false;
  MemoryFileSystem files_;
  FaultFileSystem faults_{&files_};
  skald::test_support::PlainRowDecoder decoder_;
};

TEST_F(CompactTest, MergesIntoOnePartADayAndDropsCopies) {
  auto engine = Open();
  const auto rows = FillParts(engine.get());
  EXPECT_EQ(engine->Stats().part_rows, 16u);
  ASSERT_OK(engine->Compact());
  EXPECT_EQ(engine->Stats().parts, 3u);
  EXPECT_EQ(engine->Stats().part_rows, 13u);
  EXPECT_EQ(engine->Stats().compactions, 1u);
  EXPECT_EQ(Sorted(engine.get()), rows);
  EXPECT_EQ(PartFiles(), 3u);
  ASSERT_OK(engine->Compact());
  EXPECT_EQ(engine->Stats().compactions, 1u) << "merged parts are left alone";
  engine.reset();
  engine = Open();
  EXPECT_EQ(engine->Stats().parts, 3u);
  EXPECT_EQ(Sorted(engine.get()), rows);
}

TEST_F(CompactTest, BackgroundMergesWhatFlushesLeaveWhenItHasRested) {
  compact_in_background_ = true;
  auto engine = Open();
  const auto rows = FillParts(engine.get());
  for (int i = 0; i < 6000 && engine->Stats().compactions == 0; ++i) {
    clock_.Advance(kNanosPerHour / 60);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(engine->Stats().parts, 3u);
  EXPECT_EQ(Sorted(engine.get()), rows);
}

TEST_F(CompactTest, BackgroundDoesAllWhenItIsAskedTo) {
  auto engine = Open();
  const auto rows = FillParts(engine.get());
  engine->StartCompaction();
  for (int i = 0; i < 6000 && engine->Stats().full_compaction_running; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(engine->Stats().parts, 3u);
  EXPECT_EQ(engine->Stats().compactions, 1u);
  EXPECT_EQ(engine->Stats().full_compaction_error, "");
  EXPECT_EQ(Sorted(engine.get()), rows);
}

TEST_F(CompactTest, AskedForCompactionSaysWhyItEnded) {
  auto engine = Open();
  const auto rows = FillParts(engine.get());
  files_.set_free_space(1500);
  engine->StartCompaction();
  for (int i = 0; i < 6000 && engine->Stats().full_compaction_running; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_THAT(engine->Stats().full_compaction_error, HasSubstr("too little free space"));
  EXPECT_EQ(Sorted(engine.get()), rows);
}

TEST_F(CompactTest, PartsOfOneDayAreMergedASecondTimeAndNoMore) {
  auto engine = Open();
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK(Push(engine.get(), "t", {MakeRow(i, std::to_string(i))}));
    ASSERT_OK(engine->Flush());
    ASSERT_OK(engine->Compact());
    EXPECT_EQ(Sorted(engine.get()).size(), static_cast<size_t>(i + 1));
  }
  // A level-2 part of the first two, a level-1 part of the third.
  EXPECT_EQ(engine->Stats().parts, 2u);
  EXPECT_EQ(engine->Stats().compactions, 4u);
}

// What is large enough is encoded once more, not twice: level 0 and level 1 in one merge.
TEST_F(CompactTest, LargePartsGoToTheLastLevelInOneStep) {
  auto engine = Open();
  std::vector<PlainRow> rows = FillParts(engine.get());
  ASSERT_OK(engine->Compact());
  ASSERT_EQ(engine->Stats().parts, 3u) << "of level 1";
  Random random(7);
  for (int i = 0; i < 2; ++i) {
    std::vector<PlainRow> push;
    for (int64_t day = 0; day < 2; ++day) {
      std::string line(800'000, ' ');
      for (char& c : line) c = static_cast<char>('!' + random.Below(90));
      push.push_back(MakeRow(day * kDay + 100 + i, line));
    }
    ASSERT_OK(Push(engine.get(), "t", push));
    ASSERT_OK(engine->Flush());
    rows.insert(rows.end(), push.begin(), push.end());
  }
  ASSERT_OK(engine->Compact());
  EXPECT_EQ(engine->Stats().compactions, 2u);
  EXPECT_EQ(engine->Stats().parts, 3u) << "one a day";
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(Sorted(engine.get()), rows);
  ASSERT_OK(engine->Compact());
  EXPECT_EQ(engine->Stats().compactions, 2u) << "which stay";
}

TEST_F(CompactTest, EqualTimesKeepTheirArrivalOrder) {
  auto engine = Open();
  std::vector<PlainRow> expected;
  for (int i = 9; i >= 0; --i) {
    expected.push_back(MakeRow(7, std::to_string(i)));
    ASSERT_OK(Push(engine.get(), "t", {expected.back()}));
    ASSERT_OK(engine->Flush());
    if (i % 4 == 0) {
      ASSERT_OK(engine->Compact());
    }
    EXPECT_EQ(*ReadRows(engine.get(), "t"), expected);
  }
  ASSERT_OK(engine->Compact());
  EXPECT_EQ(*ReadRows(engine.get(), "t"), expected);
}

// More parts than one merge takes; the second merge fails.
TEST_F(CompactTest, MergedPartTakesThePlaceOfItsInputs) {
  auto engine = Open();
  std::vector<PlainRow> expected;
  for (int i = 70; i > 0; --i) {
    expected.push_back(MakeRow(7, std::to_string(i)));
    ASSERT_OK(Push(engine.get(), "t", {expected.back()}));
    ASSERT_OK(engine->Flush());
  }
  faults_.FailNth(FileOperation::kCreate, 2, Unavailable("EIO"), ".part");
  EXPECT_FALSE(engine->Compact().ok());
  EXPECT_EQ(engine->Stats().compactions, 1u);
  EXPECT_EQ(*ReadRows(engine.get(), "t"), expected);
  ASSERT_OK(engine->Compact());
  EXPECT_EQ(*ReadRows(engine.get(), "t"), expected);
  EXPECT_EQ(engine->Stats().parts, 1u);
}

TEST_F(CompactTest, CopyIsKnownByWhatWasPushedAndTheEarliestStays) {
  auto engine = Open();
  const std::vector<std::vector<std::pair<std::string, std::string>>> metadata = {
      {{"detected_level", "info"}, {"k", "v"}},
      {{"detected_level", "warn"}, {"k", "v"}},
      {{"k", "other"}},
      {{"k", ""}},
      {},
      {{"kv", ""}}};
  for (const auto& pairs : metadata) {
    ASSERT_OK(Push(engine.get(), "t", {{"{app=\"a\"}", 1, "line", pairs}}));
    ASSERT_OK(engine->Flush());
  }
  const auto before = *ReadRows(engine.get(), "t");
  EXPECT_EQ(before.size(), 5u);
  ASSERT_OK(engine->Compact());
  EXPECT_EQ(*ReadRows(engine.get(), "t"), before);
  EXPECT_EQ(engine->Stats().part_rows, 5u);
}

// Streams of many sizes: some share blocks, one fills several.
TEST_F(CompactTest, MergesManyStreamsOfManyBlocks) {
  auto engine = Open();
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
    ASSERT_OK(Push(engine.get(), "t", rows));
    ASSERT_OK(engine->Flush());
    all.insert(all.end(), rows.begin(), rows.end());
  }
  std::sort(all.begin(), all.end());
  ASSERT_OK(engine->Compact());
  EXPECT_EQ(engine->Stats().parts, 2u);
  EXPECT_EQ(engine->Stats().part_rows, all.size());
  EXPECT_TRUE(Sorted(engine.get()) == all);
}

TEST_F(CompactTest, SnapshotKeepsItsPartsAlive) {
  auto engine = Open();
  FillParts(engine.get());
  auto snapshot = engine->reader()->GetSnapshot("t");
  ASSERT_OK(engine->Compact());
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
  auto engine = Open();
  const auto rows = FillParts(engine.get());
  files_.set_free_space(1500);
  EXPECT_THAT(engine->Compact(), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("space")));
  EXPECT_EQ(Sorted(engine.get()), rows);
  files_.set_free_space(1 << 30);
  EXPECT_OK(engine->Compact());
}

TEST_F(CompactTest, DamagedPartStaysAsItIs) {
  auto engine = Open();
  const auto rows = FillParts(engine.get());
  engine.reset();
  ASSERT_OK_AND_ASSIGN(const auto names, files_.ListDirectory(TenantDirectory()));
  const auto part = std::find_if(names.begin(), names.end(), [](const std::string& name) {
    return name.find(".part") != std::string::npos;
  });
  files_.Overwrite(TenantDirectory() + "/" + *part, 9, "damage");
  engine = Open();
  EXPECT_OK(engine->Compact());
  EXPECT_EQ(engine->Stats().compaction_failures, 1u);
  EXPECT_EQ(engine->Stats().parts, 4u);
  EXPECT_EQ(PartFiles(), 4u);
}

TEST_F(CompactTest, PowerCutAtAnyOperationLosesNothing) {
  for (uint64_t operations = 0;; ++operations) {
    auto engine = Open();
    const auto rows = FillParts(engine.get());
    faults_.CutPowerAfter(operations);
    const bool finished = engine->Compact().ok();
    Crash(&engine, operations);
    engine = Open();
    ASSERT_EQ(Sorted(engine.get()), rows) << operations;
    ASSERT_OK(engine->Compact());
    ASSERT_EQ(Sorted(engine.get()), rows) << operations;
    ASSERT_EQ(engine->Stats().parts, 3u) << operations;
    ASSERT_EQ(PartFiles(), 3u) << operations;
    engine.reset();
    UseNewDirectory();
    if (finished) break;
    ASSERT_LT(operations, 500u);
  }
}

TEST_F(CompactTest, FailureOfAnyOperationLosesNothingAndIsTriedAgain) {
  for (const auto operation : {FileOperation::kCreate, FileOperation::kAppend, FileOperation::kSync,
                               FileOperation::kRename, FileOperation::kSyncDirectory}) {
    for (uint64_t nth = 1;; ++nth) {
      auto engine = Open();
      const auto rows = FillParts(engine.get());
      // Twice for the manifest: an edit that cannot be appended is written with the whole file.
      faults_.FailNth(operation, nth, Unavailable("EIO"));
      faults_.FailNth(operation, nth + 1, Unavailable("EIO"));
      const bool finished = engine->Compact().ok();
      ASSERT_EQ(Sorted(engine.get()), rows) << nth;
      faults_.Heal();
      ASSERT_OK(engine->Compact());
      ASSERT_EQ(Sorted(engine.get()), rows) << nth;
      ASSERT_EQ(PartFiles(), 3u) << nth;
      Crash(&engine, nth);
      engine = Open();
      ASSERT_EQ(Sorted(engine.get()), rows) << nth;
      engine.reset();
      UseNewDirectory();
      if (finished) break;
      ASSERT_LT(nth, 200u);
    }
  }
}

TEST_F(CompactTest, ManifestLostAfterAMergeIsRebuilt) {
  auto engine = Open();
  const auto rows = FillParts(engine.get());
  ASSERT_OK(engine->Compact());
  engine.reset();
  ASSERT_OK(files_.RemoveFile(directory_ + "/MANIFEST"));
  engine = Open();
  EXPECT_EQ(Sorted(engine.get()), rows);
  EXPECT_EQ(engine->Stats().parts, 3u);
}

// The manifest is lost in the middle of a merge: some outputs have their names, and all inputs.
TEST_F(CompactTest, ManifestLostDuringAMergeIsRebuilt) {
  for (uint64_t renames = 1; renames <= 3; ++renames) {
    auto engine = Open();
    const auto rows = FillParts(engine.get());
    faults_.FailNth(FileOperation::kRename, renames, Unavailable("EIO"), ".part");
    faults_.FailAll(FileOperation::kRemove, Unavailable("EIO"));
    EXPECT_FALSE(engine->Compact().ok());
    engine.reset();
    faults_.Heal();
    ASSERT_OK(files_.RemoveFile(directory_ + "/MANIFEST"));
    engine = Open();
    EXPECT_EQ(Sorted(engine.get()), rows) << renames;
    ASSERT_OK(engine->Compact());
    EXPECT_EQ(Sorted(engine.get()), rows) << renames;
    engine.reset();
    UseNewDirectory();
  }
}

}  // namespace
}  // namespace skald::storage
