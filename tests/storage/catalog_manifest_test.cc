#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/coding.h"
#include "storage/base/crc32c.h"
#include "storage/base/disk_full.h"
#include "storage/catalog/catalog.h"
#include "storage/catalog/directory_lock.h"
#include "storage/catalog/edit_codec.h"
#include "storage/catalog/manifest.h"
#include "storage/catalog/part_files.h"
#include "storage/catalog/undecided_parts.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

const char* const kDirectory = "data";
const char* const kPath = "data/MANIFEST";

PartInfo Part(FileNumber file) {
  return {.tenant = 1, .file = file, .rows = file * 10, .min_time = -5, .max_time = 5};
}

// The edit that step `i` of a small history makes; each leaves its mark in the state.
CatalogEdit Step(uint64_t i) {
  CatalogEdit edit;
  if (i == 0) edit.tenants_added = {{1, "fake"}, {2, std::string("\0\xff", 2)}};
  edit.parts_added = {Part(i + 1)};
  if (i >= 3) edit.parts_removed = {i - 2};
  edit.flushed = LogPosition{i, i * i};
  edit.settings = {{"step", StrCat(i)}, {StrCat("only-", i), "x"}};
  if (i % 2 == 0) {
    edit.deletes_added = {{.tenant = 1, .id = StrCat("d", i), .query = "{a=\"b\"}", .end = 9}};
  } else {
    edit.deletes_processed = {{{1, StrCat("d", i - 1)}, 77}};
  }
  return edit;
}

CatalogState StateAfter(uint64_t steps) {
  CatalogState state;
  for (uint64_t i = 0; i < steps; ++i) EXPECT_OK(state.Apply(Step(i)));
  return state;
}

// --- Edits and states ----------------------------------------------------------------------------

CatalogEdit RandomEdit(Random* random) {
  CatalogEdit edit;
  const auto times = [&] { return random->Below(3); };
  const auto time = [&] { return static_cast<int64_t>(random->Next()); };
  const auto text = [&] { return random->Text(random->Below(9)); };
  const auto number = [&] { return static_cast<uint32_t>(random->Skewed()); };
  for (uint64_t n = times(); n > 0; --n) edit.tenants_added.emplace_back(number(), text());
  for (uint64_t n = times(); n > 0; --n) edit.parts_removed.push_back(random->Skewed());
  for (uint64_t n = times(); n > 0; --n) {
    PartInfo part{.tenant = number(), .file = random->Skewed(), .level = number()};
    if (random->OneIn(2)) part.day = static_cast<int32_t>(number());
    if (random->OneIn(2)) part.retention_class = number();
    part.rows = random->Skewed();
    part.bytes = random->Skewed();
    part.min_time = time();
    part.max_time = time();
    part.first = {random->Skewed(), random->Skewed()};
    part.last = {random->Skewed(), random->Skewed()};
    for (uint64_t m = times(); m > 0; --m) part.replaces.push_back(random->Skewed());
    edit.parts_added.push_back(part);
  }
  if (random->OneIn(2)) edit.flushed = LogPosition{random->Skewed(), random->Skewed()};
  for (uint64_t n = times(); n > 0; --n) {
    edit.deletes_added.push_back(
        {number(), text(), text(), time(), time(), {random->Skewed(), 1}, time(), time()});
  }
  for (uint64_t n = times(); n > 0; --n) edit.deletes_removed.push_back({number(), text()});
  for (uint64_t n = times(); n > 0; --n) {
    edit.deletes_processed.push_back({{number(), text()}, time()});
  }
  for (uint64_t n = times(); n > 0; --n) edit.settings.emplace_back(text(), text());
  if (random->OneIn(2)) edit.needs_rebuild = random->OneIn(2);
  if (random->OneIn(2)) edit.min_next_tenant = number();
  if (random->OneIn(2)) edit.min_next_file = random->Skewed();
  return edit;
}

TEST(EditCodec, RoundTripTruncationAndDamage) {
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    const CatalogEdit edit = RandomEdit(&random);
    std::string bytes;
    EncodeEdit(&bytes, edit);
    EXPECT_THAT(DecodeEdit(bytes), IsOkAndHolds(edit));
    for (size_t size = 0; size < bytes.size(); ++size) {
      const StatusOr<CatalogEdit> shorter = DecodeEdit(bytes.substr(0, size));
      EXPECT_TRUE(!shorter.ok() || *shorter != edit);
    }
    for (int flip = 0; flip < 50 && !bytes.empty(); ++flip) {
      std::string damaged = bytes;
      damaged[random.Below(damaged.size())] ^= static_cast<char>(1 << random.Below(8));
      DecodeEdit(damaged).status().IgnoreError();
    }
  }
}

TEST(EditCodec, SkipsFieldsThatALaterVersionAppendedButNoUnknownPiece) {
  std::string bytes("\x02\x03\x05?!", 5);  // a removed part and two bytes more
  ASSERT_OK_AND_ASSIGN(const CatalogEdit edit, DecodeEdit(bytes));
  EXPECT_THAT(edit.parts_removed, testing::ElementsAre(5u));
  bytes.append("\x63\x00", 2);
  EXPECT_THAT(DecodeEdit(bytes), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(CatalogState, ItsOwnEditMakesItAgain) {
  const CatalogState state = StateAfter(9);
  CatalogState copy;
  ASSERT_OK(copy.Apply(state.AsEdit()));
  EXPECT_EQ(copy, state);
  EXPECT_EQ(state.next_file, 10u);
  EXPECT_EQ(state.next_tenant, 3u);
}

TEST(CatalogState, ContradictionsChangeNothing) {
  const CatalogState before = StateAfter(5);
  std::vector<CatalogEdit> edits(12);
  edits[0].tenants_added = {{1, "other"}};
  edits[1].tenants_added = {{9, "fake"}};
  edits[2].tenants_added = {{0, "zero"}};
  edits[3].parts_added = {Part(5)};
  edits[4].parts_added = {Part(50), Part(50)};
  edits[5].parts_added = {{.tenant = 9, .file = 50}};
  edits[6].parts_removed = {1};
  edits[7].parts_removed = {4, 4};
  edits[8].flushed = LogPosition{0, 0};
  edits[9].deletes_added = {{.tenant = 1, .id = "d0"}};
  edits[10].deletes_removed = {{1, "unknown"}};
  edits[11].deletes_processed = {{{2, "d0"}, 1}};
  for (CatalogEdit& edit : edits) {
    edit.settings = {{"k", "v"}};
    CatalogState state = before;
    EXPECT_THAT(state.Apply(edit), StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_EQ(state, before);
  }
}

// --- The file ------------------------------------------------------------------------------------

class ManifestTest : public testing::Test {
 protected:
  ManifestTest() {
    EXPECT_OK(memory_.CreateDirectories(kDirectory));
    EXPECT_OK(memory_.SyncDirectory("/"));
  }

  Status Open() {
    ASSIGN_OR_RETURN(manifest_, Manifest::Open(&files_, &clock_, kDirectory, &report_));
    return absl::OkStatus();
  }
  // Opens, writes the file if there is none, and applies `steps` steps.
  void Make(uint64_t steps) {
    ASSERT_OK(Open());
    if (!report_.existed) {
      ASSERT_OK(manifest_->Apply(CatalogEdit()));
      ASSERT_OK(Open());
    }
    for (uint64_t i = 0; i < steps; ++i) ASSERT_OK(manifest_->Apply(Step(i)));
  }

  MemoryFileSystem memory_;
  FaultFileSystem files_{&memory_};
  ManualClock clock_{12'345};
  ManifestReport report_;
  std::unique_ptr<Manifest> manifest_;
};

TEST_F(ManifestTest, StartsEmpty) {
  ASSERT_OK(Open());
  EXPECT_FALSE(report_.existed);
  EXPECT_EQ(manifest_->state(), CatalogState());
}

// Else a crash would leave one that names nothing of what is on disk.
TEST_F(ManifestTest, AMissingOneIsWrittenWithItsFirstEdit) {
  ASSERT_OK(Open());
  EXPECT_FALSE(memory_.FileExists(kPath));
  ASSERT_OK(manifest_->Apply(Step(0)));
  ASSERT_OK(Open());
  EXPECT_EQ(report_.edits, 1u);
  EXPECT_EQ(manifest_->state(), StateAfter(1));
}

TEST_F(ManifestTest, EveryAppliedEditSurvivesACrash) {
  for (uint64_t steps = 0; steps < 6; ++steps) {
    Make(0);
    for (uint64_t i = 0; i < 6; ++i) {
      ASSERT_OK(manifest_->Apply(Step(i)));
      memory_.Crash();
      ASSERT_OK(Open());
      EXPECT_TRUE(report_.existed);
      EXPECT_EQ(report_.damaged_bytes, 0u);
      EXPECT_EQ(manifest_->state(), StateAfter(i + 1));
    }
    ASSERT_OK(memory_.RemoveFile(kPath));
  }
}

TEST_F(ManifestTest, ReadsEditsAfterTheSnapshot) {
  Make(6);
  EXPECT_EQ(manifest_->stats().rewrites, 1u);
  ASSERT_OK(Open());
  EXPECT_EQ(report_.edits, 7u);
  EXPECT_EQ(manifest_->state(), StateAfter(6));
}

TEST_F(ManifestTest, AContradictionIsNotWritten) {
  Make(3);
  EXPECT_THAT(manifest_->Apply(Step(1)), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_OK(Open());
  EXPECT_EQ(manifest_->state(), StateAfter(3));
}

TEST_F(ManifestTest, IsWrittenAnewWhenEditsOutweighTheSnapshot) {
  Make(1);
  CatalogEdit edit;
  edit.settings = {{"k", std::string(100'000, 'v')}};
  for (int i = 0; i < 40; ++i) ASSERT_OK(manifest_->Apply(edit));
  EXPECT_GE(manifest_->stats().rewrites, 3u);
  EXPECT_LT(manifest_->stats().bytes, 1'300'000u);
  const CatalogState state = manifest_->state();
  memory_.Crash();
  ASSERT_OK(Open());
  EXPECT_EQ(manifest_->state(), state);
}

TEST_F(ManifestTest, AFullDiskOnlyPutsOffWritingAnew) {
  Make(1);
  const uint64_t created = files_.count(FileOperation::kCreate);
  files_.FailAll(FileOperation::kCreate, Unavailable("full"));
  CatalogEdit edit;
  edit.settings = {{"k", std::string(100'000, 'v')}};
  for (int i = 0; i < 40; ++i) ASSERT_OK(manifest_->Apply(edit));
  EXPECT_EQ(manifest_->stats().rewrites, 1u);
  EXPECT_LE(files_.count(FileOperation::kCreate), created + 3);
}

TEST_F(ManifestTest, TruncationIsAnEditLessOrDamage) {
  Make(4);
  ASSERT_OK_AND_ASSIGN(const std::string whole, ReadWholeFile(&memory_, kPath));
  std::set<uint64_t> seen;
  for (size_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    ASSERT_OK(memory_.NewWritableFile(kPath).value()->Append(whole.substr(0, size)));
    ASSERT_OK(Open());
    CatalogState expected = StateAfter(report_.edits == 0 ? 0 : report_.edits - 1);
    // Without its snapshot a manifest was never in place.
    expected.needs_rebuild = report_.edits == 0;
    EXPECT_EQ(manifest_->state(), expected);
    EXPECT_EQ(report_.damaged_bytes > 0, report_.edits == 0);
    seen.insert(report_.edits);
  }
  EXPECT_EQ(seen, (std::set<uint64_t>{0, 1, 2, 3, 4}));
}

TEST_F(ManifestTest, AFlippedBitLeavesThePrefixAndIsReported) {
  Make(4);
  ASSERT_OK_AND_ASSIGN(const std::string whole, ReadWholeFile(&memory_, kPath));
  for (size_t bit = 0; bit < whole.size() * 8; ++bit) {
    SCOPED_TRACE(bit / 8);
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    ASSERT_OK(memory_.NewWritableFile(kPath).value()->Append(damaged));
    ASSERT_OK(Open());
    EXPECT_GT(report_.damaged_bytes, 0u);
    EXPECT_TRUE(manifest_->state().needs_rebuild);
    EXPECT_LE(report_.edits, 4u);
    CatalogState expected = StateAfter(report_.edits == 0 ? 0 : report_.edits - 1);
    expected.needs_rebuild = true;
    EXPECT_EQ(manifest_->state(), expected);
    EXPECT_THAT(ReadWholeFile(&memory_, report_.set_aside), IsOkAndHolds(damaged));
    ASSERT_OK(memory_.RemoveFile(report_.set_aside));
  }
}

TEST_F(ManifestTest, NeedsRebuildStaysUntilItIsCleared) {
  Make(2);
  memory_.Overwrite(kPath, 60, "###");
  ASSERT_OK(Open());
  EXPECT_TRUE(manifest_->state().needs_rebuild);
  memory_.Crash();
  ASSERT_OK(Open());
  EXPECT_EQ(report_.damaged_bytes, 0u);
  EXPECT_TRUE(manifest_->state().needs_rebuild);
  CatalogEdit rebuilt;
  rebuilt.needs_rebuild = false;
  rebuilt.min_next_file = 100;
  ASSERT_OK(manifest_->Apply(rebuilt));
  ASSERT_OK(Open());
  EXPECT_FALSE(manifest_->state().needs_rebuild);
  EXPECT_EQ(manifest_->state().next_file, 100u);
}

TEST_F(ManifestTest, ANewerVersionIsRefusedAndLeftAlone) {
  Make(1);
  ASSERT_OK_AND_ASSIGN(std::string newer, ReadWholeFile(&memory_, kPath));
  FramedFileHeader header{.kind = kManifestKind, .number = 1, .marker = 1};
  newer = EncodeFileHeader(header).substr(0, 8) + std::string("\2\0\0\0", 4) + newer.substr(12);
  newer.resize(kFileHeaderSize - 4);
  PutFixed32(&newer, Crc32c(newer));
  ASSERT_OK(memory_.NewWritableFile(kPath).value()->Append(newer));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(ReadWholeFile(&memory_, kPath), IsOkAndHolds(newer));
}

// --- Failures ------------------------------------------------------------------------------------

TEST_F(ManifestTest, AFailedAppendIsHealedByWritingAnew) {
  Make(2);
  for (const FileOperation operation : {FileOperation::kAppend, FileOperation::kSync}) {
    files_.FailNth(operation, 1, Unavailable("broken"));
    const uint64_t step = manifest_->stats().edits;
    ASSERT_OK(manifest_->Apply(Step(step)));
    ASSERT_OK(manifest_->Apply(Step(step + 1)));
    EXPECT_EQ(manifest_->state(), StateAfter(step + 2));
  }
  memory_.Crash();
  ASSERT_OK(Open());
  EXPECT_EQ(manifest_->state(), StateAfter(6));
}

TEST_F(ManifestTest, AnEditThatFailedIsSettledByTheNextThatSucceeds) {
  Make(2);
  files_.FailAll(FileOperation::kSync, Unavailable("broken"));
  EXPECT_THAT(manifest_->Apply(Step(2)), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(manifest_->state(), StateAfter(2));
  EXPECT_EQ(manifest_->stats().failures, 1u);
  files_.Heal();
  CatalogEdit other;
  other.settings = {{"other", "edit"}};
  ASSERT_OK(manifest_->Apply(other));
  memory_.Crash(1);
  ASSERT_OK(Open());
  CatalogState expected = StateAfter(2);
  ASSERT_OK(expected.Apply(other));
  EXPECT_EQ(manifest_->state(), expected);
}

TEST_F(ManifestTest, NothingIsAppendedToAFileThatMayHaveBeenReplaced) {
  Make(1);
  files_.FailAll(FileOperation::kSyncDirectory, Unavailable("broken"));
  CatalogEdit edit;
  for (int i = 0; i < 15; ++i) {  // enough to have the file written anew
    edit.settings = {{StrCat("key-", i), std::string(100'000, 'v')}};
    manifest_->Apply(edit).IgnoreError();
  }
  files_.Heal();
  ASSERT_OK(manifest_->Apply(Step(1)));
  const CatalogState state = manifest_->state();
  ASSERT_OK(Open());
  EXPECT_EQ(manifest_->state(), state);
}

TEST_F(ManifestTest, PowerCutAtAnyOperation) {
  for (uint64_t operations = 0; operations < 40; ++operations) {
    SCOPED_TRACE(operations);
    memory_.RemoveFile(kPath).IgnoreError();
    ASSERT_OK(memory_.SyncDirectory(kDirectory));
    files_.CutPowerAfter(operations);
    uint64_t applied = 0;
    if (Open().ok()) {
      while (applied < 8 && manifest_->Apply(Step(applied)).ok()) ++applied;
    }
    memory_.Crash(operations);
    files_.Heal();
    ASSERT_OK(Open());
    EXPECT_EQ(report_.damaged_bytes, 0u);
    // The edit whose Apply was cut may have made it.
    const CatalogState& state = manifest_->state();
    EXPECT_TRUE(state == StateAfter(applied) || state == StateAfter(applied + 1));
  }
}

// --- A full disk ---------------------------------------------------------------------------------

TEST_F(ManifestTest, BallastMakesRoomForAnEditOnAFullDiskAndIsMadeAgain) {
  Make(2);
  const std::string ballast = StrCat(kDirectory, "/BALLAST");
  const uint64_t size = *memory_.FileSize(ballast);
  EXPECT_EQ(size, 1u << 20);
  memory_.set_free_space(0);
  files_.FailNth(FileOperation::kAppend, 1, Unavailable("full"), kPath);
  files_.FailNth(FileOperation::kAppend, 2, Unavailable("full"), kPath);
  ASSERT_OK(manifest_->Apply(Step(2)));
  EXPECT_LT(*memory_.FileSize(ballast), size);
  EXPECT_GT(*memory_.FileSize(ballast), size / 2) << "no more than need be";
  memory_.Crash();
  files_.FailNth(FileOperation::kCreate, 1, Unavailable("full"), kPath);
  ASSERT_OK(Open());
  EXPECT_EQ(manifest_->state(), StateAfter(3));
  EXPECT_TRUE(manifest_->durable());
  memory_.set_free_space(1 << 30);
  ASSERT_OK(manifest_->Apply(Step(3)));
  EXPECT_EQ(*memory_.FileSize(ballast), size);
}

TEST_F(ManifestTest, BallastIsSpentInStepsWhenOthersAreFaster) {
  Make(1);
  memory_.set_free_space(0);
  files_.FailAll(FileOperation::kAppend, Unavailable("full"), kPath);
  EXPECT_THAT(manifest_->Apply(Step(1)), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(*memory_.FileSize(StrCat(kDirectory, "/BALLAST")), 0u);
  EXPECT_GT(files_.count(FileOperation::kTruncate), 10u);
}

// The disk has space, but not for the owner of the process.
TEST_F(ManifestTest, BallastMakesRoomUnderAQuota) {
  Make(1);
  const std::string ballast = StrCat(kDirectory, "/BALLAST");
  const Status quota = MarkDiskFull(Unavailable("Disk quota exceeded"));
  files_.FailNth(FileOperation::kAppend, 1, quota, kPath);
  files_.FailNth(FileOperation::kAppend, 2, quota, kPath);
  files_.FailAll(FileOperation::kAppend, quota, ballast);
  ASSERT_OK(manifest_->Apply(Step(1)));
  const uint64_t left = *memory_.FileSize(ballast);
  EXPECT_LT(left, 1u << 20);
  EXPECT_GT(left, 1u << 19) << "although it could not be filled up again";
  files_.Heal();
  manifest_->KeepBallast();
  EXPECT_EQ(*memory_.FileSize(ballast), 1u << 20);
  memory_.Crash();
  ASSERT_OK(Open());
  EXPECT_EQ(manifest_->state(), StateAfter(2));
}

TEST_F(ManifestTest, BallastStaysWhenItIsNotSpaceThatIsMissing) {
  Make(1);
  files_.FailAll(FileOperation::kAppend, Unavailable("broken"), kPath);
  EXPECT_THAT(manifest_->Apply(Step(1)), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(*memory_.FileSize(StrCat(kDirectory, "/BALLAST")), 1u << 20);
}

TEST_F(ManifestTest, NoBallastIsTakenFromADiskThatIsAlmostFull) {
  memory_.set_free_space(3 << 20);
  Make(1);
  EXPECT_FALSE(memory_.FileExists(StrCat(kDirectory, "/BALLAST")));
}

TEST_F(ManifestTest, IntactOneThatCannotBeWrittenIsTakenAsItIs) {
  Make(3);
  files_.FailAll(FileOperation::kCreate, Unavailable("full"));
  ASSERT_OK(Open());
  EXPECT_FALSE(manifest_->durable());
  EXPECT_EQ(manifest_->state(), StateAfter(3));
  EXPECT_THAT(manifest_->Apply(Step(3)), StatusIs(absl::StatusCode::kUnavailable));
  files_.Heal();
  ASSERT_OK(manifest_->Apply(Step(3)));
  EXPECT_TRUE(manifest_->durable());
  memory_.Crash();
  ASSERT_OK(Open());
  EXPECT_EQ(manifest_->state(), StateAfter(4));
}

TEST_F(ManifestTest, DamagedOneThatCannotBeWrittenIsAnError) {
  Make(3);
  memory_.Overwrite(kPath, *memory_.FileSize(kPath) - 10, "damage");
  files_.FailAll(FileOperation::kCreate, Unavailable("full"), "MANIFEST.new");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(ManifestTest, UndecidedPartsGoUnlessTheManifestNamesThem) {
  Make(1);
  Catalog catalog(std::move(manifest_));
  ASSERT_OK(memory_.CreateDirectories(TenantDirectory(kDirectory, 1)));
  for (const FileNumber file : {1, 2, 3}) {
    ASSERT_OK(memory_.NewWritableFile(PartPath(kDirectory, 1, file)).status());
  }
  UndecidedParts undecided;
  undecided.Add({Part(1), Part(2)});
  files_.FailAll(FileOperation::kSync, Unavailable("no"), "MANIFEST");
  EXPECT_THAT(undecided.Settle(&catalog, &files_, kDirectory),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(memory_.FileExists(PartPath(kDirectory, 1, 2))) << "its edit may count yet";
  files_.Heal();
  EXPECT_OK(undecided.Settle(&catalog, &files_, kDirectory));
  EXPECT_TRUE(memory_.FileExists(PartPath(kDirectory, 1, 1))) << "the manifest names it";
  EXPECT_FALSE(memory_.FileExists(PartPath(kDirectory, 1, 2)));
  EXPECT_TRUE(memory_.FileExists(PartPath(kDirectory, 1, 3))) << "nobody spoke of it";
}

TEST(DirectoryLock, KeepsASecondOut) {
  MemoryFileSystem files;
  ASSERT_OK_AND_ASSIGN(auto lock, LockDirectory(&files, "data"));
  EXPECT_THAT(LockDirectory(&files, "data"),
              StatusIs(absl::StatusCode::kUnavailable,
                       testing::HasSubstr("data directory data is in use by another process")));
  lock.reset();
  EXPECT_OK(LockDirectory(&files, "data"));
}

}  // namespace
}  // namespace skald::storage
