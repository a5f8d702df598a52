#include "storage/wal/wal_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "storage/wal/durability.h"
#include "storage/wal/framed_file_format.h"
#include "storage/wal/segment_encoder.h"
#include "tests/storage/wal_test_support.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using testing::ElementsAre;

// The worked example of docs/storage_format.md, section "Write-ahead log".
TEST(WalFormat, TheDocumentsExampleByteForByte) {
  const FramedFileHeader header{.kind = kWalKind,
                                .number = 7,
                                .created = 1'767'571'200'000'000'000,
                                .marker = 0x8877665544332211};
  std::string bytes = EncodeFileHeader(header);
  SegmentEncoder encoder(header);
  const PushRecord push{.tenant = "fake",
                        .receive_time = 1'767'571'200'123'456'789,
                        .body_format = 2,
                        .settings = "s1",
                        .rejections = "",
                        .body = "hello"};
  EXPECT_EQ(encoder.AddPush(&bytes, push), (LogPosition{7, 2}));
  EXPECT_EQ(encoder.AddEnd(&bytes), (LogPosition{7, 3}));
  const std::string_view expected =
      "534b414c4457414c"  // kind
      "01000000"          // version
      "0700000000000000"  // segment
      "00003633a4ac8718"  // creation
      "1122334455667788"  // marker
      "300bde4f"          // checksum
      "1122334455667788"  // settings: marker
      "01"                // type
      "02000000"          // payload length
      "0100000000000000"  // ordinal
      "7ec157b8"          // checksum of the payload
      "d692c894"          // checksum of the header
      "7331"              // "s1"
      "1122334455667788"  // push: marker
      "02"                // type
      "1c000000"          // payload length
      "0200000000000000"  // ordinal
      "eebaacdc"          // checksum of the payload
      "c88d49eb"          // checksum of the header
      "02"                // body format
      "d13049453f5e279a"  // hash of the settings
      "15cd913aa4ac8718"  // receive time
      "0466616b65"        // tenant
      "00"                // rejections
      "68656c6c6f"        // body
      "1122334455667788"  // end: marker
      "ff"                // type
      "00000000"          // payload length
      "0300000000000000"  // ordinal
      "00000000"          // checksum of the payload
      "332cae1c";         // checksum of the header
  EXPECT_EQ(absl::BytesToHexString(bytes), expected);
}

TEST(WalFormat, HeaderRoundTripAndErrors) {
  const FramedFileHeader header{
      .kind = kWalKind, .number = 1ull << 63, .created = -5, .marker = NewMarker()};
  const std::string bytes = EncodeFileHeader(header);
  ASSERT_EQ(bytes.size(), kFileHeaderSize);
  ASSERT_OK_AND_ASSIGN(const FramedFileHeader decoded, DecodeFileHeader(bytes, kWalKind));
  EXPECT_EQ(decoded.number, header.number);
  EXPECT_EQ(decoded.created, header.created);
  EXPECT_EQ(decoded.marker, header.marker);
  EXPECT_THAT(DecodeFileHeader(bytes, kManifestKind), StatusIs(absl::StatusCode::kDataLoss));
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeFileHeader(bytes.substr(0, size), kWalKind),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(WalFormat, MarkersDiffer) { EXPECT_NE(NewMarker(), NewMarker()); }

TEST(WalFormat, SegmentFileNames) {
  EXPECT_EQ(SegmentFileName(0xabc), "0000000000000abc.wal");
  for (const uint64_t segment : {uint64_t{0}, uint64_t{1}, ~uint64_t{0}}) {
    EXPECT_EQ(ParseSegmentFileName(SegmentFileName(segment)), segment);
  }
  for (const std::string_view name :
       {"", ".wal", "abc.wal", "0000000000000ABC.wal", "0000000000000abg.wal",
        "0000000000000abc.wa", "00000000000000abc.wal", "damaged-0000000000000abc-40"}) {
    EXPECT_EQ(ParseSegmentFileName(name), std::nullopt) << name;
  }
}

TEST(WalFormat, PushRoundTripAndTruncation) {
  for (uint64_t i = 0; i < 8; ++i) {
    const TestPush push(i);
    std::string payload;
    EncodePush(&payload, push.record);
    ASSERT_OK_AND_ASSIGN(PushPayload decoded, DecodePush(payload));
    EXPECT_EQ(decoded.settings_hash, SettingsHash(push.settings));
    decoded.record.settings = push.settings;
    EXPECT_EQ(Describe(decoded.record), Describe(push.record));
    for (size_t size = 0; size < payload.size() - push.body.size(); ++size) {
      EXPECT_THAT(DecodePush(payload.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss));
    }
  }
}

// --- Rows ----------------------------------------------------------------------------------------

// Streams with everything they point to.
struct TestRows {
  std::deque<std::string> texts;
  std::deque<std::vector<LabelView>> metadata;
  std::deque<std::vector<Row>> rows;
  std::vector<StreamRows> streams;
};

void FillStream(Random* random, TestRows* out, int number) {
  const auto text = [&](size_t max) {
    return std::string_view(out->texts.emplace_back(random->Text(random->Below(max + 1))));
  };
  std::vector<Row>& rows = out->rows.emplace_back();
  for (uint64_t i = random->Below(20); i > 0; --i) {
    std::vector<LabelView>& pairs = out->metadata.emplace_back();
    for (uint64_t j = random->Below(3); j > 0; --j) pairs.push_back({text(5), text(5)});
    rows.push_back({.timestamp = static_cast<int64_t>(random->Next()),
                    .line = text(50),
                    .metadata = pairs,
                    .detected_level = text(5)});
  }
  const LabelSet labels =
      LabelSet::FromPairs({{"stream", StrCat(number)}, {"app", random->Text(3, "abc\"\n")}});
  out->streams.push_back({std::make_shared<const Stream>(labels), rows});
}

std::string Describe(const RowsRecord& record) {
  std::string text = StrCat(record.tenant, " ", record.receive_time, " ",
                            record.first_origin.segment, "/", record.first_origin.record, "-",
                            record.last_origin.segment, "/", record.last_origin.record, "\n");
  for (const StreamRows& stream : record.streams) {
    StrAppend(&text, stream.stream->text, "\n");
    for (const Row& row : stream.rows) {
      StrAppend(&text, row.timestamp, " ", row.line, " [", row.detected_level, "]");
      for (const LabelView& pair : row.metadata) StrAppend(&text, " ", pair.name, "=", pair.value);
      StrAppend(&text, "\n");
    }
  }
  return text;
}

TEST(RowsRecord, RoundTripOfRandomRows) {
  ZstdCompressor compressor(CompressionEffort::kQuick);
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    TestRows rows;
    const int streams = static_cast<int>(random.Below(4));
    for (int i = 0; i < streams; ++i) FillStream(&random, &rows, i);
    const RowsRecord record{.tenant = "t",
                            .receive_time = -1,
                            .first_origin = {1, random.Skewed()},
                            .last_origin = {random.Skewed(), 4},
                            .streams = rows.streams};
    ASSERT_OK_AND_ASSIGN(DecodedRows decoded, DecodedRows::Decode(EncodeRows(record, &compressor)));
    const DecodedRows moved = std::move(decoded);
    EXPECT_EQ(Describe(moved.record()), Describe(record));
  }
}

TEST(RowsRecord, DamageNeverCrashes) {
  ZstdCompressor compressor(CompressionEffort::kQuick);
  Random random(2);
  for (const bool compressible : {false, true}) {
    TestRows rows;
    std::string& line = rows.texts.emplace_back(random.Text(30));
    if (compressible) line.append(1000, 'x');
    for (int i = 0; i < 2; ++i) FillStream(&random, &rows, i);
    rows.rows.emplace_back(1).front().line = line;
    rows.streams.push_back({rows.streams[0].stream, rows.rows.back()});
    if (!compressible) rows.streams.erase(rows.streams.begin(), rows.streams.end() - 1);
    const std::string payload = EncodeRows({.tenant = "t", .streams = rows.streams}, &compressor);
    EXPECT_EQ(payload[0], compressible ? 1 : 0);
    for (size_t size = 0; size < payload.size(); ++size) {
      EXPECT_THAT(DecodedRows::Decode(payload.substr(0, size)),
                  StatusIs(absl::StatusCode::kDataLoss));
    }
    for (size_t bit = 0; bit < payload.size() * 8; ++bit) {
      std::string damaged = payload;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      DecodedRows::Decode(damaged).status().IgnoreError();
    }
    EXPECT_THAT(DecodedRows::Decode(payload + "x"), StatusIs(absl::StatusCode::kDataLoss));
  }
}

// --- Segments ------------------------------------------------------------------------------------

// A body that no string holds fails as one does for which there is no memory.
TEST(SegmentEncoder, AddsARecordWhollyOrNotAtAll) {
  SegmentEncoder encoder({.kind = kWalKind, .number = 1});
  SegmentEncoder never_failed = encoder;
  std::string bytes;
  std::string expected;
  for (uint64_t i = 0; i < 6; ++i) {
    const TestPush push(i);
    PushRecord too_large = push.record;
    volatile size_t size = std::string().max_size();
    too_large.body = {push.body.data(), size};
    EXPECT_ANY_THROW(encoder.AddPush(&bytes, too_large));
    EXPECT_ANY_THROW(encoder.AddRows(&bytes, too_large.body));
    EXPECT_EQ(bytes, expected);
    EXPECT_EQ(encoder.AddPush(&bytes, push.record), never_failed.AddPush(&expected, push.record));
    EXPECT_EQ(bytes, expected);
  }
}

// --- Durability ----------------------------------------------------------------------------------

class DurabilityTest : public testing::Test {
 protected:
  void Wait(LogPosition position) {
    durability_.Wait(position, [this, position](const Status& status) {
      told_.push_back(StrCat(position.segment, "/", position.record, status.ok() ? "" : " failed"));
    });
  }
  static void Run(Durability::Waiters waiters, const Status& status) {
    for (auto& [position, done] : waiters) done(status);
  }

  Durability durability_;
  std::vector<std::string> told_;
  const Status failure_ = Unavailable("gone");
};

TEST_F(DurabilityTest, TellsInOrderOfPositions) {
  Wait({1, 5});
  Wait({1, 3});
  Wait({2, 1});
  Run(durability_.Succeed({1, 4}), absl::OkStatus());
  EXPECT_THAT(told_, ElementsAre("1/3"));
  Run(durability_.Succeed({2, 1}), absl::OkStatus());
  EXPECT_THAT(told_, ElementsAre("1/3", "1/5", "2/1"));
  EXPECT_EQ(durability_.Outcome({2, 1}), absl::OkStatus());
  EXPECT_EQ(durability_.Outcome({2, 2}), std::nullopt);
}

TEST_F(DurabilityTest, NeverTakesBackWhatIsDecided) {
  Run(durability_.Succeed({2, 1}), absl::OkStatus());
  Run(durability_.Succeed({}), absl::OkStatus());
  EXPECT_EQ(durability_.Outcome({2, 1}), absl::OkStatus());
}

TEST_F(DurabilityTest, RemembersFailuresBetweenSuccesses) {
  Run(durability_.Succeed({1, 4}), absl::OkStatus());
  Wait({1, 5});
  Run(durability_.Fail({2, 0}, failure_), failure_);
  Run(durability_.Fail({3, 0}, failure_), failure_);
  Run(durability_.Succeed({3, 2}), absl::OkStatus());
  Run(durability_.Fail({4, 0}, failure_), failure_);
  EXPECT_THAT(told_, ElementsAre("1/5 failed"));
  EXPECT_EQ(durability_.Outcome({1, 4}), absl::OkStatus());
  EXPECT_EQ(durability_.Outcome({1, 5}), failure_);
  EXPECT_EQ(durability_.Outcome({2, 9}), failure_);
  EXPECT_EQ(durability_.Outcome({3, 0}), absl::OkStatus());
  EXPECT_EQ(durability_.Outcome({3, 2}), absl::OkStatus());
  EXPECT_EQ(durability_.Outcome({3, 3}), failure_);
  EXPECT_EQ(durability_.Outcome({4, 0}), std::nullopt);

  durability_.ForgetFailuresBelow(3);
  EXPECT_EQ(durability_.Outcome({1, 5}), absl::OkStatus());
  EXPECT_EQ(durability_.Outcome({3, 3}), failure_);
}

}  // namespace
}  // namespace skald::storage
