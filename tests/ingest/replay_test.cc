// What the log keeps of a push decodes to the rows that were stored; and no decoder falls over
// whatever bytes it gets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/record_decoder.h"
#include "ingest/refused_entries.h"
#include "tests/ingest/push_fixture.h"

namespace skald::ingest {
namespace {

using testing::IsEmpty;

std::vector<StoredRow> Replay(PushRecordDecoder* decoder, const FakeWriter::Record& record) {
  std::vector<StoredRow> rows;
  const Status status = decoder->Decode(
      record.View(), [&rows](std::span<const StreamRows> streams) { rows = CopyRows(streams); });
  EXPECT_EQ(status, absl::OkStatus());
  return rows;
}

// Random pushes in every format, good and bad entries mixed.
class PushGenerator {
 public:
  explicit PushGenerator(uint32_t seed) : random_(seed) {}

  size_t Below(size_t bound) { return random_() % bound; }
  bool OneIn(size_t n) { return Below(n) == 0; }
  std::string_view Pick(const std::vector<std::string_view>& choices) {
    return choices[Below(choices.size())];
  }

  TestEntry Entry() {
    TestEntry entry;
    entry.timestamp = kNow + static_cast<int64_t>(Below(3));
    if (OneIn(8)) entry.timestamp -= 200 * 3600 * kSecondNs;
    if (OneIn(16)) entry.timestamp += 3600 * kSecondNs;
    entry.line = Pick({"", "level=warn a", "an error", "{\"lvl\":\"dbg\"}", "plain text"});
    if (OneIn(4)) entry.line += std::string(Below(60), 'x');
    for (size_t i = Below(4); OneIn(2) && i > 0; --i) {
      entry.metadata.emplace_back(
          Pick({"a", "a.b", "a_b", "z", "0x", "detected_level", "level", "severity_number", "__"}),
          Pick({"", "1", "17", "wrn", "Custom"}));
    }
    return entry;
  }

  std::vector<TestEntry> Entries() {
    std::vector<TestEntry> entries(Below(6));
    for (TestEntry& entry : entries) entry = Entry();
    return entries;
  }

  std::string Protobuf() {
    std::string message;
    for (size_t i = 1 + Below(4); i > 0; --i) {
      message += ProtobufStream(Pick({"{app=\"a\"}", "{ b=\"c\" , app=`a`}", "{level=\"ERR\"}",
                                      "{a=\"b\",a=\"c\"}", "{}", "{service_name=\"s\",x=\"y\"}"}),
                                Entries());
    }
    return message;
  }

  std::string Otlp() {
    std::string records;
    for (const TestEntry& entry : Entries()) {
      std::string record = BytesField(5, BytesField(1, entry.line));
      if (!OneIn(4)) record += Fixed64Field(1, static_cast<uint64_t>(entry.timestamp));
      for (const auto& [name, value] : entry.metadata) {
        if (name == "__") continue;
        record += BytesField(6, BytesField(1, name) + BytesField(2, BytesField(1, value)));
      }
      records += BytesField(2, record);
    }
    const std::string attribute =
        BytesField(1, "service.name") + BytesField(2, BytesField(1, Pick({"x", "y"})));
    return BytesField(1, BytesField(1, BytesField(1, attribute)) + BytesField(2, records));
  }

  IngestLimits Limits() {
    IngestLimits limits;
    if (OneIn(2)) limits.max_line_size = 20;
    limits.max_line_size_truncate = OneIn(2);
    limits.max_line_size_truncate_identifier = Pick({"", "..."});
    limits.increment_duplicate_timestamp = OneIn(2);
    limits.allow_structured_metadata = !OneIn(4);
    limits.discover_log_levels = !OneIn(4);
    if (OneIn(4)) limits.discover_service_name.clear();
    if (OneIn(4)) limits.log_level_fields = {"z", "a_b"};
    if (OneIn(4)) limits.max_label_names_per_series = 1;
    if (OneIn(4)) {
      limits.otlp_config.log_attributes = {{AttributeAction::kIndexLabel, {"z"}, ""},
                                           {AttributeAction::kDrop, {}, "a.*"}};
    }
    return limits;
  }

 private:
  std::mt19937 random_;
};

PushResult PushSomething(PushGenerator* generator, PushHarness* harness) {
  switch (generator->Below(7)) {
    case 0:
      return harness->PushProtobuf(generator->Protobuf());
    case 1:
      return harness->Push(PushPath::kLegacy, "x", "gzip", Gzip(Snappy(generator->Protobuf())));
    case 2:
      return harness->PushJson(JsonPush({{"app", "j"}, {"b", ""}}, generator->Entries()));
    case 3:
      return harness->Push(PushPath::kLegacy, "application/json", "deflate",
                           Deflate(JsonPush({{"app", "j"}}, generator->Entries()), true));
    case 4:
      return harness->Push(PushPath::kOtlp, "application/x-protobuf", "", generator->Otlp());
    case 5:
      return harness->Push(PushPath::kOtlp, "application/x-protobuf", "zstd",
                           ZstdFrame(generator->Otlp()));
    default:
      return harness->Push(
          PushPath::kOtlp, "application/json", "lz4",
          Lz4Frame(StrCat("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"body\":{"
                          "\"stringValue\":\"",
                          generator->Pick({"x", "error y"}), "\"}}]}]}]}")));
  }
}

TEST(ReplayTest, RowsAreThoseThatWereStored) {
  PushGenerator generator(1);
  PushRecordDecoder decoder;
  size_t stored = 0;
  size_t refused = 0;
  for (int round = 0; round < 300; ++round) {
    PushHarness harness(generator.Limits());
    for (int push = 0; push < 10; ++push) {
      const PushResult result = PushSomething(&generator, &harness);
      const size_t before = stored;
      if (!result.position) continue;
      const FakeWriter::Record& record = harness.writer.records.back();
      EXPECT_EQ(record.rows.size(), result.stored.lines);
      EXPECT_EQ(Replay(&decoder, record), record.rows);
      stored += record.rows.size();
      refused += record.rejections.empty() ? 0 : 1;
      EXPECT_GT(stored, before);
    }
  }
  EXPECT_GT(stored, 1000u);
  EXPECT_GT(refused, 100u);
}

TEST(ReplayTest, AsksNeitherClockNorLimits) {
  IngestLimits limits;
  limits.per_stream_rate = limits.per_stream_burst = 10;
  limits.enforced_labels = {"app"};
  PushHarness harness(limits);
  const PushResult result =
      harness.PushProtobuf(ProtobufStream("{app=\"a\"}", {{kNow, "0123456789+", {}}}) +
                           ProtobufStream("{app=\"b\"}", {{kNow, "ok", {}}, {0, "old", {}}}) +
                           ProtobufStream("{x=\"c\"}", {{kNow, "no", {}}}));
  ASSERT_TRUE(result.position.has_value());
  PushRecordDecoder decoder;
  const FakeWriter::Record& record = harness.writer.records[0];
  ASSERT_EQ(record.rows.size(), 1u);
  EXPECT_EQ(Replay(&decoder, record), record.rows);
}

// Such text is not parsed: it may take any amount of memory, or be no label text.
TEST(ReplayTest, LabelTextOfRefusedStreamsDoesNotMatter) {
  PushHarness harness;
  const PushResult result = harness.PushProtobuf(
      ProtobufStream(std::string(400'000, '!'), {{kNow, "no", {}}, {kNow, "nor this", {}}}) +
      ProtobufStream("{app=\"a\"}", {{kNow, "ok", {}}}));
  EXPECT_EQ(HttpCode(result.status), 400);
  ASSERT_TRUE(result.position.has_value());
  PushRecordDecoder decoder;
  const FakeWriter::Record& record = harness.writer.records[0];
  ASSERT_EQ(record.rows.size(), 1u);
  EXPECT_EQ(Replay(&decoder, record), record.rows);
}

// What a tenant's own limits allowed is parsed whatever the default ones say.
TEST(ReplayTest, LongLabelTextThatWasAllowed) {
  IngestLimits limits;
  limits.max_label_value_length = 300'000;
  PushHarness harness(limits);
  ASSERT_EQ(
      harness.PushJson(JsonPush({{"a", std::string(300'000, 'b')}}, {{kNow, "x", {}}})).status,
      absl::OkStatus());
  PushRecordDecoder decoder;
  const FakeWriter::Record& record = harness.writer.records[0];
  EXPECT_EQ(Replay(&decoder, record), record.rows);
}

TEST(ReplayTest, DamagedRecordsAreDataLoss) {
  PushHarness harness;
  ASSERT_TRUE(harness.PushJson(JsonPush({{"a", "b"}}, {{kNow, "x", {}}})).status.ok());
  const FakeWriter::Record good = harness.writer.records[0];
  PushRecordDecoder decoder;
  const auto code = [&](const FakeWriter::Record& record) {
    return decoder.Decode(record.View(), [](std::span<const StreamRows>) { FAIL(); }).code();
  };
  FakeWriter::Record bad = good;
  bad.body_format = 0xff;
  EXPECT_EQ(code(bad), absl::StatusCode::kDataLoss);
  bad = good;
  bad.settings = "x";
  EXPECT_EQ(code(bad), absl::StatusCode::kDataLoss);
  bad = good;
  bad.rejections = std::string("\x01\x01", 2);  // past the end
  EXPECT_EQ(code(bad), absl::StatusCode::kDataLoss);
  bad = good;
  bad.body = "{";
  EXPECT_EQ(code(bad), absl::StatusCode::kDataLoss);
  for (size_t size = 0; size < good.settings.size(); ++size) {
    EXPECT_FALSE(ParseLimits(std::string_view(good.settings).substr(0, size)).ok());
  }
}

TEST(ReplayTest, LimitsRoundTrip) {
  PushGenerator generator(5);
  for (int round = 0; round < 100; ++round) {
    IngestLimits limits = generator.Limits();
    limits.max_label_names_per_series = IngestLimits().max_label_names_per_series;
    EXPECT_EQ(ParseLimits(SerializeLimits(limits)).value(), limits);
  }
}

TEST(ReplayTest, RefusedEntriesRoundTrip) {
  std::mt19937 random(3);
  for (int round = 0; round < 500; ++round) {
    RowSet refused(random() % 200);
    const uint32_t density = 1 + random() % 10;
    for (uint32_t i = 0; i < refused.size(); ++i) {
      if (random() % density == 0) refused.Add(i);
    }
    const RowSet decoded = DecodeRefused(EncodeRefused(refused), refused.size()).value();
    for (uint32_t i = 0; i < refused.size(); ++i) {
      ASSERT_EQ(decoded.Contains(i), refused.Contains(i));
    }
  }
  EXPECT_THAT(EncodeRefused(RowSet(100)), IsEmpty());
}

// --- Hostile bytes -------------------------------------------------------------------------------

struct Sample {
  PushPath path;
  std::string_view type;
  std::string_view encoding;
  std::string body;
};

std::vector<Sample> Samples() {
  const std::vector<TestEntry> entries = {
      {kNow, "level=warn \xC3\xA9", {{"trace.id", "1"}, {"b", "2"}}}, {kNow, "", {}}};
  const std::string message = ProtobufStream("{app=\"web\", z=\"1\"}", entries);
  const std::string json = JsonPush({{"app", "web"}, {"n", "\\\""}}, entries);
  const std::string otlp = PushGenerator(2).Otlp();
  constexpr std::string_view kProtobuf = "application/x-protobuf";
  constexpr std::string_view kJson = "application/json";
  return {
      {PushPath::kLoki, kProtobuf, "", Snappy(message)},
      {PushPath::kLoki, kProtobuf, "gzip", Gzip(Snappy(message))},
      {PushPath::kLoki, kJson, "", json},
      {PushPath::kLoki, kJson, "deflate", Deflate(json, true)},
      {PushPath::kLoki, kJson, "deflate", Deflate(json, false)},
      {PushPath::kLegacy, kJson, "",
       "{\"streams\":[{\"labels\":\"{a=\\\"b\\\"}\",\"entries\":[{\"ts\":\"2026-11-21T03:40:00Z\","
       "\"line\":\"\\ud83d\\ude00\",\"structuredMetadata\":{\"k\":\"v\"}}]}]}"},
      {PushPath::kOtlp, kProtobuf, "", otlp},
      {PushPath::kOtlp, kProtobuf, "zstd", ZstdFrame(otlp)},
      {PushPath::kOtlp, kProtobuf, "lz4", Lz4Frame(otlp)},
      {PushPath::kOtlp, kJson, "",
       "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"a\",\"value\":{\"intValue\":"
       "\"1\"}}]},\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"5\",\"traceId\":\"\",\"body\""
       ":{\"arrayValue\":{\"values\":[{\"doubleValue\":1.5}]}}}]}]}]}"},
  };
}

// A body may be refused or, by luck, accepted; then it must replay.
void PushHostile(const Sample& sample, std::string_view body, PushHarness* harness,
                 PushRecordDecoder* decoder) {
  harness->writer.records.clear();
  const PushResult result = harness->Push(sample.path, sample.type, sample.encoding, body);
  EXPECT_NE(HttpCode(result.status), 500) << result.status;
  if (!result.position) return;
  EXPECT_EQ(Replay(decoder, harness->writer.records[0]), harness->writer.records[0].rows);
}

TEST(HostileTest, EveryPrefix) {
  PushHarness harness;
  PushRecordDecoder decoder;
  for (const Sample& sample : Samples()) {
    for (size_t size = 0; size <= sample.body.size(); ++size) {
      // A copy of its own, so that a sanitizer sees reads past the end.
      PushHostile(sample, std::string(sample.body, 0, size), &harness, &decoder);
    }
  }
}

TEST(HostileTest, RandomMutations) {
  PushHarness harness;
  PushRecordDecoder decoder;
  std::mt19937 random(9);
  for (const Sample& sample : Samples()) {
    for (int round = 0; round < 2000; ++round) {
      std::string body = sample.body;
      for (size_t i = 1 + random() % 4; i > 0 && !body.empty(); --i) {
        const size_t at = random() % body.size();
        switch (random() % 3) {
          case 0:
            body[at] = static_cast<char>(random());
            break;
          case 1:
            body.erase(at, 1 + random() % 3);
            break;
          default:
            body.insert(at, body, random() % body.size(), random() % 8);
        }
      }
      PushHostile(sample, body, &harness, &decoder);
    }
  }
}

// The same inside the snappy block, where mutations meet the wire reader rather than snappy.
TEST(HostileTest, MutatedMessages) {
  PushHarness harness;
  PushRecordDecoder decoder;
  PushGenerator generator(4);
  std::mt19937 random(5);
  const Sample sample = {PushPath::kLoki, "x", "", ""};
  for (int round = 0; round < 5000; ++round) {
    std::string message = generator.Protobuf();
    for (size_t i = random() % 3; i > 0; --i) {
      message[random() % message.size()] = static_cast<char>(random());
    }
    if (round % 3 == 0) message.resize(random() % message.size());
    PushHostile(sample, Snappy(message), &harness, &decoder);
  }
}

}  // namespace
}  // namespace skald::ingest
