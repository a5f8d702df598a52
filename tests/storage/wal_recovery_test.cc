#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/coding.h"
#include "storage/base/crc32c.h"
#include "storage/base/units.h"
#include "storage/wal/framed_file_reader.h"
#include "storage/wal/recovery.h"
#include "tests/storage/wal_test_support.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::SizeIs;

constexpr uint64_t kSegment = 9;
const char* const kDirectory = "wal";
const char* const kPath = "wal/0000000000000009.wal";

// Where one record lies and what replay makes of it; empty for settings and the end.
struct Frame {
  size_t begin;
  size_t end;
  std::string record;
  std::string settings;  // of a push, or the settings themselves
};

// The bytes of a segment and the frames in it.
struct Segment {
  explicit Segment(uint64_t number = kSegment)
      : header{.kind = kWalKind, .number = number, .created = 1, .marker = NewMarker()},
        encoder(header),
        bytes(EncodeFileHeader(header)) {}

  void Push(uint64_t i, size_t body_size = 20) {
    const TestPush push(i, body_size);
    const bool first = settings_seen.insert(push.settings).second;
    if (first) {
      const size_t size = kRecordHeaderSize + push.settings.size();
      frames.push_back({bytes.size(), bytes.size() + size, "", push.settings});
    }
    const size_t begin = first ? frames.back().end : bytes.size();
    encoder.AddPush(&bytes, push.record);
    frames.push_back({begin, bytes.size(), Describe(push.record), push.settings});
  }
  void End() {
    const size_t begin = bytes.size();
    encoder.AddEnd(&bytes);
    frames.push_back({begin, bytes.size(), "", ""});
  }

  std::vector<std::string> Records() const {
    std::vector<std::string> records;
    for (const Frame& frame : frames) {
      if (!frame.record.empty()) records.push_back(frame.record);
    }
    return records;
  }

  FramedFileHeader header;
  SegmentEncoder encoder;
  std::string bytes;
  std::vector<Frame> frames;
  StringSet settings_seen;
};

class RecoveryTest : public testing::Test {
 protected:
  RecoveryTest() { EXPECT_OK(files_.CreateDirectories(kDirectory)); }

  void Write(std::string_view bytes, const std::string& path = kPath) {
    WriteFile(&files_, path, bytes);
  }
  Replayed Replay(LogPosition skip_up_to = {}) {
    return ReplayAll(&files_, kDirectory, skip_up_to);
  }
  std::vector<std::string> SetAside() {
    std::vector<std::string> names;
    const auto all = files_.ListDirectory(kDirectory);
    for (const std::string& name : *all) {
      if (name.starts_with("damaged-")) names.push_back(name);
    }
    return names;
  }

  MemoryFileSystem files_;
};

TEST_F(RecoveryTest, NoDirectoryIsAnEmptyLog) {
  const Replayed replayed = ReplayAll(&files_, "nowhere");
  EXPECT_OK(replayed.status);
  EXPECT_EQ(replayed.stats.last_segment, 0u);
}

TEST_F(RecoveryTest, SetsAsideWhatIsOfNoUse) {
  Segment segment(9);
  for (uint64_t i = 0; i < 3; ++i) segment.Push(i);
  segment.End();
  Write(segment.bytes);
  std::vector<uint64_t> taken;
  ReplayStats stats;
  EXPECT_OK(ReplayLog(
      &files_, kDirectory, {},
      [&](const ReplayedRecord& record) -> Status {
        if (taken.size() == 1 && SetAside().empty()) return DataLoss("cannot be decoded");
        taken.push_back(record.position.record);
        return absl::OkStatus();
      },
      &stats));
  EXPECT_EQ(taken.size(), 2u);
  EXPECT_EQ(stats.damaged_ranges, 1u);
  EXPECT_GT(stats.damaged_bytes, 0u);
  EXPECT_THAT(SetAside(), SizeIs(1));
}

TEST_F(RecoveryTest, ReplaysSegmentsInOrderAndSkips) {
  Segment first(9), second(10);
  for (uint64_t i = 0; i < 3; ++i) first.Push(i);
  first.End();
  second.Push(3);
  Write(second.bytes, "wal/000000000000000a.wal");
  Write(first.bytes);
  Write("not a segment", "wal/readme");

  const Replayed all = Replay();
  EXPECT_OK(all.status);
  EXPECT_THAT(all.records,
              ElementsAre(DescribePush(0), DescribePush(1), DescribePush(2), DescribePush(3)));
  EXPECT_THAT(all.positions, ElementsAre(LogPosition{9, 2}, LogPosition{9, 4}, LogPosition{9, 5},
                                         LogPosition{10, 2}));
  EXPECT_EQ(all.stats.last_segment, 10u);
  EXPECT_EQ(all.stats.records, 4u);
  EXPECT_EQ(all.stats.torn_tails + all.stats.damaged_ranges, 0u);

  const Replayed rest = Replay({9, 4});
  EXPECT_THAT(rest.records, ElementsAre(DescribePush(2), DescribePush(3)));
  EXPECT_EQ(rest.stats.skipped_records, 2u);
  EXPECT_THAT(Replay({9, ~uint64_t{0}}).records, ElementsAre(DescribePush(3)));
  const Replayed none = Replay({11, 0});
  EXPECT_THAT(none.records, IsEmpty());
  EXPECT_EQ(none.stats.last_segment, 10u);
}

TEST_F(RecoveryTest, TheCallbacksErrorStopsReplay) {
  Segment segment;
  segment.Push(0);
  segment.Push(1);
  Write(segment.bytes);
  int calls = 0;
  ReplayStats stats;
  const Status status = ReplayLog(
      &files_, kDirectory, {},
      [&](const ReplayedRecord&) {
        ++calls;
        return Cancelled("enough");
      },
      &stats);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(calls, 1);
}

TEST_F(RecoveryTest, EveryTruncationIsATornTail) {
  Segment segment;
  for (uint64_t i = 0; i < 4; ++i) segment.Push(i);
  segment.End();
  for (size_t size = 0; size < segment.bytes.size(); ++size) {
    SCOPED_TRACE(size);
    std::vector<std::string> expected;
    size_t intact = size < kFileHeaderSize ? 0 : kFileHeaderSize;
    for (const Frame& frame : segment.frames) {
      if (frame.end > size) break;
      intact = frame.end;
      if (!frame.record.empty()) expected.push_back(frame.record);
    }
    Write(segment.bytes.substr(0, size));
    for (const bool again : {false, true}) {
      const Replayed replayed = Replay();
      ASSERT_OK(replayed.status);
      EXPECT_THAT(replayed.records, ElementsAreArray(expected));
      EXPECT_EQ(replayed.stats.torn_tails, !again && intact != size ? 1u : 0u);
      EXPECT_EQ(replayed.stats.damaged_ranges, 0u);
      EXPECT_THAT(files_.FileSize(kPath), IsOkAndHolds(intact));
    }
  }
}

TEST_F(RecoveryTest, ZerosFromASectorOnAreATornTail) {
  Segment segment;
  for (uint64_t i = 0; i < 12; ++i) segment.Push(i, 300);
  for (size_t sector = 0; sector < segment.bytes.size(); sector += 512) {
    SCOPED_TRACE(sector);
    std::string torn = segment.bytes;
    torn.replace(sector, torn.size() - sector, torn.size() - sector + 5000, '\0');
    std::vector<std::string> expected;
    for (const Frame& frame : segment.frames) {
      if (frame.end <= sector && !frame.record.empty()) expected.push_back(frame.record);
    }
    Write(torn);
    const Replayed replayed = Replay();
    ASSERT_OK(replayed.status);
    EXPECT_THAT(replayed.records, ElementsAreArray(expected));
    EXPECT_EQ(replayed.stats.torn_tails, 1u);
    EXPECT_EQ(replayed.stats.damaged_ranges, 0u);
  }
}

// What must come out when the byte at `offset` is bad: all but the record it lies in, and, if that
// is a settings record, all but the pushes that need it.
std::vector<std::string> ExpectedWithout(const Segment& segment, size_t offset) {
  std::string lost_settings;
  for (const Frame& frame : segment.frames) {
    const bool hit = frame.begin <= offset && offset < frame.end;
    if (hit && frame.record.empty()) lost_settings = frame.settings;
  }
  std::vector<std::string> expected;
  for (const Frame& frame : segment.frames) {
    const bool hit = frame.begin <= offset && offset < frame.end;
    const bool helpless = !lost_settings.empty() && frame.settings == lost_settings;
    if (!frame.record.empty() && !hit && !helpless) expected.push_back(frame.record);
  }
  return expected;
}

TEST_F(RecoveryTest, EveryFlippedBitCostsOneRecordAtMost) {
  Segment segment;
  for (uint64_t i = 0; i < 4; ++i) segment.Push(i);
  segment.End();
  for (size_t bit = 0; bit < segment.bytes.size() * 8; ++bit) {
    SCOPED_TRACE(bit / 8);
    std::string damaged = segment.bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    Write(damaged);
    const Replayed replayed = Replay();
    ASSERT_OK(replayed.status);
    EXPECT_THAT(replayed.records, ElementsAreArray(ExpectedWithout(segment, bit / 8)));
    EXPECT_GE(replayed.stats.damaged_ranges + replayed.stats.torn_tails, 1u);
    EXPECT_EQ(replayed.stats.copies_failed, 0u);
  }
}

TEST_F(RecoveryTest, DamageIsCopiedAsideAndLaterRecordsReplayed) {
  Segment segment;
  for (uint64_t i = 0; i < 6; ++i) segment.Push(i);
  segment.End();
  const Frame& third = segment.frames[4];
  ASSERT_EQ(third.record, DescribePush(2));
  std::string damaged = segment.bytes;
  damaged.replace(third.begin, 40, 40, '#');
  Write(damaged);
  for (int round = 0; round < 2; ++round) {
    const Replayed replayed = Replay();
    ASSERT_OK(replayed.status);
    EXPECT_THAT(replayed.records, ElementsAre(DescribePush(0), DescribePush(1), DescribePush(3),
                                              DescribePush(4), DescribePush(5)));
    EXPECT_EQ(replayed.stats.damaged_ranges, 1u);
    EXPECT_EQ(replayed.stats.damaged_bytes, third.end - third.begin);
    EXPECT_EQ(replayed.stats.missing_records, 1u);
  }
  const std::string name = StrCat("damaged-0000000000000009-", third.begin);
  ASSERT_THAT(SetAside(), ElementsAre(name));
  EXPECT_THAT(ReadWholeFile(&files_, StrCat(kDirectory, "/", name)),
              IsOkAndHolds(damaged.substr(third.begin, third.end - third.begin)));
}

TEST_F(RecoveryTest, DamageThatCannotBeCopiedIsStillSkipped) {
  Segment segment;
  segment.Push(0);
  segment.Push(1);
  segment.Push(2);
  std::string damaged = segment.bytes;
  damaged[segment.frames[1].end - 1] ^= 1;
  Write(damaged);
  FaultFileSystem faults(&files_);
  faults.FailAll(FileOperation::kCreate, Unavailable("full"));
  const Replayed replayed = ReplayAll(&faults, kDirectory);
  EXPECT_OK(replayed.status);
  EXPECT_THAT(replayed.records, ElementsAre(DescribePush(1), DescribePush(2)));
  EXPECT_EQ(replayed.stats.copies_failed, 1u);
}

TEST_F(RecoveryTest, DamagedSettingsAreBorrowedFromAnotherSegment) {
  Segment first(8), second(9);
  first.Push(0);
  second.Push(2);  // the same settings
  second.bytes[second.frames[0].end - 1] ^= 1;
  Write(second.bytes);
  EXPECT_THAT(Replay().records, IsEmpty());
  Write(first.bytes, "wal/0000000000000008.wal");
  EXPECT_THAT(Replay().records, ElementsAre(DescribePush(0), DescribePush(2)));
}

TEST_F(RecoveryTest, RecycledAndForgedBytesAreNeverReplayed) {
  // Another segment's bytes, and records with this segment's marker but another's number.
  Segment other(8);
  other.Push(7);
  Segment segment;
  segment.Push(0);
  std::string forged = other.bytes;
  FramedFileHeader twin = segment.header;
  twin.number = 8;
  SegmentEncoder(twin).AddPush(&forged, TestPush(5).record);

  TestPush carrier(1);
  carrier.record.body = forged;
  segment.encoder.AddPush(&segment.bytes, carrier.record);
  segment.Push(2);
  std::string damaged = segment.bytes;
  // The carrier's header and all up to the forged bytes are gone, so that they are searched.
  const size_t forged_at = damaged.find(forged);
  damaged.replace(forged_at - 45, 45, 45, '#');
  Write(damaged);
  Replayed replayed = Replay();
  ASSERT_OK(replayed.status);
  EXPECT_THAT(replayed.records, ElementsAre(DescribePush(0), DescribePush(2)));

  // The tail of an older file behind the last record.
  Write(segment.bytes + other.bytes);
  replayed = Replay();
  EXPECT_EQ(replayed.records.size(), 3u);
  EXPECT_EQ(replayed.stats.damaged_bytes, other.bytes.size());
}

TEST_F(RecoveryTest, ARepeatedRecordIsDamage) {
  Segment segment;
  segment.Push(0);
  const Frame frame = segment.frames[1];
  segment.bytes += segment.bytes.substr(frame.begin, frame.end - frame.begin);
  segment.Push(2);
  Write(segment.bytes);
  const Replayed replayed = Replay();
  EXPECT_THAT(replayed.records, ElementsAre(DescribePush(0), DescribePush(2)));
  EXPECT_EQ(replayed.stats.damaged_bytes, frame.end - frame.begin);
}

TEST_F(RecoveryTest, UnknownAndMalformedRecordsAreSetAside) {
  Segment segment;
  segment.Push(0);
  uint64_t ordinal = 3;
  for (const uint8_t type : {uint8_t{77}, uint8_t{2}, uint8_t{3}}) {
    const size_t place = BeginRecord(&segment.bytes);
    segment.bytes += "?";
    FinishRecord(&segment.bytes, place, segment.header, type, ordinal++);
  }
  Write(segment.bytes);
  const Replayed replayed = Replay();
  EXPECT_OK(replayed.status);
  EXPECT_THAT(replayed.records, ElementsAre(DescribePush(0)));
  EXPECT_EQ(replayed.stats.damaged_ranges, 3u);
  EXPECT_EQ(replayed.stats.missing_records, 0u);
}

TEST_F(RecoveryTest, ANewerVersionIsRefused) {
  Segment segment;
  segment.Push(0);
  std::string newer = segment.bytes.substr(0, kFileHeaderSize - 4);
  newer[8] = 2;
  PutFixed32(&newer, Crc32c(newer));
  Write(newer + segment.bytes.substr(kFileHeaderSize));
  EXPECT_THAT(Replay().status, StatusIs(absl::StatusCode::kFailedPrecondition,
                                        testing::HasSubstr("format version 2")));
}

TEST_F(RecoveryTest, RecordsLargerThanTheWindow) {
  Segment segment;
  segment.Push(0, 3_MiB);
  segment.Push(1, 10);
  segment.Push(2, 5_MiB);
  segment.Push(3, 10);
  segment.End();
  Write(segment.bytes);
  EXPECT_THAT(Replay().records, ElementsAreArray(segment.Records()));

  // The header of the second big record is lost: the search passes over several windows.
  files_.Overwrite(kPath, segment.frames[4].begin + 3, "#");
  const Replayed replayed = Replay();
  EXPECT_EQ(replayed.stats.records, 3u);
  EXPECT_EQ(replayed.stats.damaged_bytes, segment.frames[4].end - segment.frames[4].begin);
}

TEST_F(RecoveryTest, ARecordAcrossTwoWindowsIsFound) {
  for (size_t shift = 0; shift < 160; ++shift) {
    SCOPED_TRACE(shift);
    Segment segment;
    segment.Push(0, 1_MiB - 180 + shift);
    segment.Push(2);
    segment.bytes[segment.frames[1].begin] ^= 1;
    Write(segment.bytes);
    EXPECT_THAT(Replay().records, ElementsAre(DescribePush(2)));
  }
}

TEST_F(RecoveryTest, GarbageIsSetAsideWhole) {
  const std::string garbage(10'000, 'z');
  Write(garbage);
  const Replayed replayed = Replay();
  EXPECT_OK(replayed.status);
  EXPECT_EQ(replayed.stats.damaged_bytes, garbage.size());
  EXPECT_THAT(SetAside(), ElementsAre("damaged-0000000000000009-0"));
}

TEST_F(RecoveryTest, AnUnreadableDiskIsAnErrorNotDamage) {
  Segment segment;
  segment.Push(0);
  Write(segment.bytes);
  FaultFileSystem faults(&files_);
  faults.FailAll(FileOperation::kRead, Unavailable("input/output error"));
  EXPECT_THAT(ReplayAll(&faults, kDirectory).status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(SetAside(), IsEmpty());
}

}  // namespace
}  // namespace skald::storage
