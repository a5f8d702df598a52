// Pushes in every format through the distributor.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/ingest/push_fixture.h"

namespace skald::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

StoredRow MakeRow(std::string stream, std::string line, std::string level = "unknown",
                  Pairs metadata = {}) {
  return {std::move(stream), kNow, std::move(line), std::move(metadata), std::move(level)};
}

TEST(PushTest, ProtobufAndJsonGiveTheSameRows) {
  const std::vector<TestEntry> entries = {{kNow, "level=warn a", {{"trace.id", "1"}, {"b", "2"}}},
                                          {kNow + 1, "", {}}};
  PushHarness harness;
  EXPECT_TRUE(harness.PushProtobuf(ProtobufStream("{z=\"1\",app=\"web\"}", entries)).status.ok());
  EXPECT_TRUE(harness.PushJson(JsonPush({{"z", "1"}, {"app", "web"}}, entries)).status.ok());
  ASSERT_THAT(harness.writer.records, SizeIs(2));
  const std::string stream = "{app=\"web\", service_name=\"web\", z=\"1\"}";
  EXPECT_THAT(harness.writer.records[0].rows,
              ElementsAre(MakeRow(stream, "level=warn a", "warn", {{"b", "2"}, {"trace_id", "1"}}),
                          StoredRow{stream, kNow + 1, "", {}, "unknown"}));
  EXPECT_EQ(harness.writer.records[0].rows, harness.writer.records[1].rows);
}

TEST(PushTest, Encodings) {
  const std::string message = ProtobufStream("{a=\"b\"}", {{kNow, "line", {}}});
  const std::string json = JsonPush({{"a", "b"}}, {{kNow, "line", {}}});
  const auto push = [](std::string_view type, std::string_view encoding, std::string_view body) {
    PushHarness harness;
    const PushResult result = harness.Push(PushPath::kLoki, type, encoding, body);
    EXPECT_EQ(result.status.ok(), harness.writer.Rows().size() == 1);
    return result.status;
  };
  for (const char* type : {"application/x-protobuf", "text/plain", "foo"}) {
    EXPECT_EQ(push(type, "", Snappy(message)), absl::OkStatus());
    EXPECT_EQ(push(type, "snappy", Snappy(message)), absl::OkStatus());
    EXPECT_EQ(push(type, "gzip", Gzip(Snappy(message))), absl::OkStatus());
    EXPECT_EQ(push(type, "deflate", Deflate(Snappy(message), true)), absl::OkStatus());
    EXPECT_EQ(push(type, "deflate", Deflate(Snappy(message), false)), absl::OkStatus());
  }
  for (const char* type : {"application/json", "application/json; charset=utf-8",
                           "APPLICATION/JSON", " application/json;"}) {
    EXPECT_EQ(push(type, "", json), absl::OkStatus());
    EXPECT_EQ(push(type, "snappy", json), absl::OkStatus());
    EXPECT_EQ(push(type, "gzip", Gzip(json)), absl::OkStatus());
    EXPECT_EQ(push(type, "deflate", Deflate(json, true)), absl::OkStatus());
    EXPECT_EQ(push(type, "deflate", Deflate(json, false)), absl::OkStatus());
  }
  const std::string two_members = Gzip(json.substr(0, 20)) + Gzip(json.substr(20));
  EXPECT_EQ(push("application/json", "gzip", two_members), absl::OkStatus());

  EXPECT_EQ(Message(push("", "", json)), "mime: no media type");
  EXPECT_EQ(Message(push("application/json", "br", json)), "Content-Encoding \"br\" not supported");
  EXPECT_EQ(Message(push("application/json", "gzip", json)), "gzip: invalid header");
  EXPECT_EQ(Message(push("x", "gzip", Gzip(Snappy(message)).substr(0, 15))), "unexpected EOF");
  EXPECT_EQ(Message(push("x", "", json)), "snappy: corrupt input");
}

TEST(PushTest, DamagedProtobuf) {
  PushHarness harness;
  const auto text = [&](std::string_view message) {
    const PushResult result = harness.PushProtobuf(message);
    EXPECT_EQ(HttpCode(result.status), 400);
    return std::string(Message(result.status));
  };
  EXPECT_EQ(text("\x0a"), "unexpected EOF");
  EXPECT_EQ(text("\x0a\x05"
                 "ab"),
            "unexpected EOF");
  EXPECT_EQ(text("\x08\x01"), "proto: wrong wireType = 0 for field Streams");
  EXPECT_EQ(text("\x0b\x0c"), "proto: wrong wireType = 3 for field Streams");
  EXPECT_EQ(text("\x02"
                 "a"),
            "proto: PushRequest: illegal tag 0 (wire type 2)");
  EXPECT_EQ(text(std::string(12, '\xff')), "proto: integer overflow");
  EXPECT_EQ(text(BytesField(1, BytesField(1, "{a=\"b\"}") + BytesField(2, "\x08\x05"))),
            "proto: wrong wireType = 0 for field Timestamp");
  const auto with_time = [](std::string_view time) {
    return BytesField(1, BytesField(1, "{a=\"b\"}") + BytesField(2, BytesField(1, time)));
  };
  EXPECT_EQ(text(with_time(VarintField(1, 5) + VarintField(2, static_cast<uint64_t>(-1)))),
            "timestamp: &types.Timestamp{Seconds: 5,\nNanos: -1,\n}: nanos not in range [0, 1e9)");
  EXPECT_EQ(text(with_time(VarintField(1, uint64_t{1} << 62) + VarintField(2, 1))),
            "timestamp: &types.Timestamp{Seconds: 4611686018427387904,\nNanos: 1,\n} after "
            "10000-01-01");
  EXPECT_THAT(harness.writer.records, IsEmpty());
}

TEST(PushTest, UnknownProtobufFieldsAreSkipped) {
  const std::string entry = VarintField(9, 7) + BytesField(2, "line") + Fixed64Field(8, 1) +
                            BytesField(1, BytesField(7, "x") + VarintField(1, kNow / kSecondNs)) +
                            "\x53\x53\x08\x01\x54\x54";  // group 10 in group 10
  const std::string stream = BytesField(2, entry) + VarintField(3, 99) + BytesField(1, "{a=\"b\"}");
  PushHarness harness;
  EXPECT_EQ(harness.PushProtobuf(BytesField(2, "format") + BytesField(1, stream)).status,
            absl::OkStatus());
  EXPECT_THAT(harness.writer.Rows(),
              ElementsAre(MakeRow("{a=\"b\", service_name=\"unknown_service\"}", "line")));
}

TEST(PushTest, NoStreams) {
  PushHarness harness;
  for (const char* body : {"{}", "{\"streams\":[]}", "{\"streams\":null}", "null", "{\"x\":[1]}"}) {
    const PushResult result = harness.PushJson(body);
    EXPECT_EQ(HttpCode(result.status), 422) << body;
    EXPECT_EQ(Message(result.status), "error at least one valid stream is required for ingestion");
  }
  EXPECT_EQ(HttpCode(harness.PushProtobuf("").status), 422);
  EXPECT_EQ(HttpCode(harness.PushProtobuf(BytesField(3, "a")).status), 422);
  const PushResult empty = harness.PushJson("{\"streams\":[{\"stream\":{\"a\":\"b\"}}]}");
  EXPECT_TRUE(empty.status.ok());
  EXPECT_FALSE(empty.position.has_value());
  EXPECT_THAT(harness.writer.records, IsEmpty());
}

TEST(PushTest, JsonShapes) {
  const auto values = [](std::string_view tuple) {
    return StrCat("{\"streams\":[{\"stream\":{\"a\":\"b\"},\"values\":[", tuple, "]}]}");
  };
  const std::string ts = StrCat("\"", kNow, "\"");
  const std::string stream = "{a=\"b\", service_name=\"unknown_service\"}";
  const auto rows = [](std::string_view body) {
    PushHarness harness;
    EXPECT_EQ(harness.PushJson(body).status, absl::OkStatus()) << body;
    return harness.writer.Rows();
  };
  EXPECT_THAT(rows(values(StrCat("[", ts, "]"))), ElementsAre(MakeRow(stream, "")));
  EXPECT_THAT(rows(values(StrCat("[", ts, ",\"x\",{\"k\":\"v\"},5,\"q\"]"))),
              ElementsAre(MakeRow(stream, "x", "unknown", {{"k", "v"}})));
  EXPECT_THAT(rows(values(StrCat("null,[", ts, ",\"x\"]"))), ElementsAre(MakeRow(stream, "x")));
  EXPECT_THAT(rows(StrCat("{\"y\":{\"z\":[1]},\"streams\":[{\"u\":null,\"values\":[[", ts,
                          ",\"x\"]],\"stream\":{\"a\":\"b\"},\"w\":[{}]}],\"z\":3}")),
              ElementsAre(MakeRow(stream, "x")));
  EXPECT_THAT(rows(StrCat("{\"Streams\":[{\"values\":[[", ts, ",\"x\"]]}]}")),
              ElementsAre(MakeRow("{service_name=\"unknown_service\"}", "x")));
  // What is not a string is kept as it is written.
  EXPECT_THAT(
      rows(StrCat("{\"streams\":[{\"stream\":{\"a\":[\"x\", 1] ,\"n\":null,\"o\":{ \"p\" : {}} },"
                  "\"values\":[[",
                  ts, ",\"x\"]]}]}")),
      ElementsAre(MakeRow("{a=\"[\\\"x\\\", 1]\", n=\"null\", o=\"{ \\\"p\\\" : {}}\", "
                          "service_name=\"unknown_service\"}",
                          "x")));
  // Of a label given twice the last value; numbers as they are written; empty ones dropped.
  EXPECT_THAT(
      rows(StrCat("{\"streams\":[{\"stream\":{\"a\":\"x\",\"a\":\"b\",\"n\":1.50,\"e\":\"\"},"
                  "\"values\":[[",
                  ts, ",\"x\"]]}]}")),
      ElementsAre(MakeRow("{a=\"b\", n=\"1.50\", service_name=\"unknown_service\"}", "x")));
  EXPECT_THAT(rows(values(StrCat("[", ts, ",\"\\u00e9\\n\\\"\\ud83d\\ude00\"]"))),
              ElementsAre(MakeRow(stream, "\xC3\xA9\n\"\xF0\x9F\x98\x80")));
}

TEST(PushTest, JsonOfTheWrongShape) {
  const std::string ts = StrCat("\"", kNow, "\"");
  const std::vector<std::string> tuples = {StrCat("[", kNow, ",\"x\"]"),
                                           "[\"z\",\"x\"]",
                                           "[\"\",\"x\"]",
                                           StrCat("[\"+", kNow, "\",\"x\"]"),
                                           StrCat("[\"", kNow, ".5\",\"x\"]"),
                                           "[\"99999999999999999999\",\"x\"]",
                                           StrCat("[", ts, ",1]"),
                                           StrCat("[", ts, ",\"x\",1]"),
                                           StrCat("[", ts, ",\"x\",null]"),
                                           StrCat("[", ts, ",\"x\",{\"k\":1}]"),
                                           StrCat("[", ts, ",\"x\",{\"k\":null}]"),
                                           "1",
                                           "{}",
                                           "\"x\"",
                                           StrCat("[", ts, ",\"x\n\"]")};
  PushHarness harness;
  for (const std::string& tuple : tuples) {
    const PushResult result = harness.PushJson(
        StrCat("{\"streams\":[{\"stream\":{\"a\":\"b\"},\"values\":[", tuple, "]}]}"));
    EXPECT_EQ(HttpCode(result.status), 400) << tuple;
  }
  for (const char* body : {"", "{", "[]", "5", "nul", "{\"streams\":{}}", "{\"streams\":[1]}",
                           "{\"streams\":[null]}", "{\"streams\":[{\"stream\":[]}]}",
                           "{\"streams\":[{\"stream\":null}]}", "{\"streams\":[{\"values\":1}]}"}) {
    EXPECT_EQ(HttpCode(harness.PushJson(body).status), 400) << body;
  }
  EXPECT_EQ(Message(harness.PushJson("").status), "EOF");
  EXPECT_THAT(std::string(Message(harness.PushJson("{\"streams\":[{\"values\":[[1]]}]}").status)),
              HasSubstr("Value looks like Number/Boolean/None, but can't find its end"));
  EXPECT_THAT(harness.writer.records, IsEmpty());
}

TEST(PushTest, AlmostJsonIsRepaired) {
  PushHarness harness;
  const std::string body = StrCat("{\"streams\":[{\"stream\":{\"a\":\"b\"},\"values\":[[\"", kNow,
                                  "\",\"x\xff\\ud83dy\\\\ud83d\\udc00\"]]}]}");
  EXPECT_EQ(harness.PushJson(body).status, absl::OkStatus());
  ASSERT_THAT(harness.writer.Rows(), SizeIs(1));
  EXPECT_EQ(harness.writer.Rows()[0].line, "x\xEF\xBF\xBD\xEF\xBF\xBDy\\ud83d\xEF\xBF\xBD");
}

TEST(PushTest, LegacyJson) {
  PushHarness harness;
  const std::string body =
      "{\"streams\":[{\"labels\":\"{a=\\\"b\\\"}\",\"entries\":["
      "{\"ts\":\"2026-11-21T03:40:00Z\",\"line\":\"x\"},"
      "{\"ts\":\"2026-11-21T04:40:00.000000000+01:00\",\"line\":\"y\","
      "\"structuredMetadata\":{\"k\":\"v\"}}]}]}";
  const auto push = [&](PushPath path, std::string_view text) {
    return harness.Push(path, "application/json", "", text);
  };
  EXPECT_EQ(push(PushPath::kLegacy, body).status, absl::OkStatus());
  const std::string stream = "{a=\"b\", service_name=\"unknown_service\"}";
  EXPECT_THAT(harness.writer.Rows(),
              ElementsAre(MakeRow(stream, "x"), MakeRow(stream, "y", "unknown", {{"k", "v"}})));
  EXPECT_EQ(push(PushPath::kLegacy, JsonPush({{"a", "b"}}, {{kNow, "z", {}}})).status,
            absl::OkStatus());
  EXPECT_THAT(harness.writer.records, SizeIs(2));
  // On the other path the legacy keys are unknown keys.
  EXPECT_EQ(push(PushPath::kLoki, body).status, absl::OkStatus());
  EXPECT_THAT(harness.writer.records, SizeIs(2));
  for (const char* ts : {"5", "\"5\"", "\"2026-11-21\"", "\"%s\""}) {
    const std::string bad =
        StrCat("{\"streams\":[{\"labels\":\"{a=\\\"b\\\"}\",\"entries\":[{\"ts\":", ts,
               ",\"line\":\"x\"}]}]}");
    EXPECT_EQ(HttpCode(push(PushPath::kLegacy, bad).status), 400) << ts;
  }
}

TEST(PushTest, BadLabelTextRefusesTheWholePush) {
  PushHarness harness;
  const PushResult result = harness.PushProtobuf(ProtobufStream("{a=\"b\"}", {{kNow, "x", {}}}) +
                                                 ProtobufStream("{a.b=\"c\"}", {{kNow, "x", {}}}));
  EXPECT_EQ(HttpCode(result.status), 400);
  EXPECT_EQ(Message(result.status),
            "couldn't parse labels: 1:3: parse error: unexpected character inside braces: '.'");
  EXPECT_THAT(harness.writer.records, IsEmpty());
  const PushResult json = harness.PushJson(JsonPush({{"z", "x"}, {"a.b", "c"}}, {{kNow, "x", {}}}));
  EXPECT_EQ(json.status, result.status);
}

// Loki's answers: a protobuf push may quote names, a JSON push cannot.
TEST(PushTest, OddLabelNamesAreKeptWhereTheyCanBeQuoted) {
  const auto error = [](std::string_view text) {
    return StrCat("couldn't parse labels: ", "1:", text.substr(0, 1),
                  ": parse error: ", text.substr(2));
  };
  struct Case {
    std::string name;
    std::string quoted;
    std::string json_error;
  };
  const Case cases[] = {
      {"a.b", R"("a.b")", error("3 unexpected character inside braces: '.'")},
      {"a\tb", R"("a\tb")", error("4 unexpected identifier \"b\" in label set, expected \"=\"")},
      {"a,b", R"("a,b")", error("3 unexpected \",\" in label set, expected \"=\"")},
      {"a=b", R"("a=b")", error("4 unexpected identifier \"b\" in label set, expected string")},
      {"a\"b", R"("a\"b")",
       error("3 unexpected string \"\\\"b=\\\"\" in label set, expected \"=\"")},
      {"a}b", R"("a}b")", error("3 unexpected \"}\" in label set, expected \"=\"")},
      {"0ab", R"("0ab")", error("2 unexpected character inside braces: '0'")},
      {"a:b", R"("a:b")", error("3 unexpected character inside braces: ':'")},
  };
  for (const Case& c : cases) {
    PushHarness harness;
    const std::string text = StrCat("{", c.quoted, "=\"v\"}");
    EXPECT_EQ(harness.PushProtobuf(ProtobufStream(text, {{kNow, "x", {}}})).status,
              absl::OkStatus());
    ASSERT_THAT(harness.writer.Rows(), SizeIs(1));
    EXPECT_EQ(harness.writer.Rows()[0].stream,
              StrCat("{", c.quoted, "=\"v\", service_name=\"unknown_service\"}"));
    const PushResult json = harness.PushJson(JsonPush({{c.name, "v"}}, {{kNow, "x", {}}}));
    EXPECT_EQ(Message(json.status), c.json_error) << c.name;
  }
  PushHarness harness;
  const PushResult empty = harness.PushProtobuf(ProtobufStream(R"({""="v"})", {{kNow, "x", {}}}));
  EXPECT_EQ(HttpCode(empty.status), 400);
  EXPECT_EQ(Message(empty.status),
            R"(stream '{""="v", service_name="unknown_service"}' has duplicate label name: '')");
}

// --- Bodies that grow ----------------------------------------------------------------------------

TEST(PushTest, BombsAreRefused) {
  const std::string zeros(64 << 20, '\0');
  PushHarness harness({}, nullptr, 1 << 20);
  const auto code = [&](PushPath path, std::string_view type, std::string_view encoding,
                        std::string_view body) {
    return HttpCode(harness.Push(path, type, encoding, body).status);
  };
  EXPECT_EQ(code(PushPath::kLoki, "application/json", "gzip", Gzip(zeros)), 413);
  EXPECT_EQ(code(PushPath::kLoki, "application/json", "deflate", Deflate(zeros, true)), 413);
  EXPECT_EQ(code(PushPath::kLoki, "x", "", Snappy(zeros)), 413);
  EXPECT_EQ(code(PushPath::kOtlp, "application/json", "zstd", ZstdFrame(zeros)), 413);
  EXPECT_EQ(code(PushPath::kOtlp, "application/json", "lz4", Lz4Frame(zeros)), 413);
  // A block that claims 4 GiB and has nothing.
  EXPECT_EQ(Message(harness.Push(PushPath::kLoki, "x", "", "\xff\xff\xff\xff\x0f").status),
            "snappy: corrupt input");
}

TEST(PushTest, MemoryIsReservedAndGivenBack) {
  MemoryBudget budget("bodies", 8 << 20);
  PushHarness harness({}, &budget);
  // Two bytes an entry, dozens in memory.
  std::string stream = BytesField(1, "{a=\"b\"}");
  for (int i = 0; i < 1'000'000; ++i) stream.append("\x12\x00", 2);
  EXPECT_EQ(HttpCode(harness.PushProtobuf(BytesField(1, stream)).status), 413);
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_EQ(HttpCode(harness
                         .Push(PushPath::kLoki, "application/json", "gzip",
                               Gzip(std::string(32 << 20, ' ')))
                         .status),
            413);
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_EQ(harness.PushJson(JsonPush({{"a", "b"}}, {{kNow, "x", {}}})).status, absl::OkStatus());
  EXPECT_EQ(budget.used(), 0u);
}

TEST(PushTest, OnlyWhatNeverFitsIsTooLarge) {
  constexpr uint64_t kLimit = 8 << 20;
  MemoryBudget budget("bodies", kLimit);
  PushHarness harness({}, &budget);
  const std::string body = JsonPush({{"a", "b"}}, {{kNow, std::string(250'000, 'x'), {}}});
  Reservation others(&budget);
  ASSERT_TRUE(others.Grow(kLimit - 500'000).ok());
  const Status busy = harness.PushJson(body).status;
  EXPECT_EQ(HttpCode(busy), 429) << busy;
  others.Release();
  EXPECT_EQ(harness.PushJson(body).status, absl::OkStatus());
  const Status large =
      harness.PushJson(JsonPush({{"a", "b"}}, {{kNow, std::string(2'000'000, 'x'), {}}})).status;
  EXPECT_EQ(HttpCode(large), 413) << large;
}

TEST(PushTest, UncompressedBodiesAreCompressedForTheLog) {
  PushHarness harness;
  const std::string body = JsonPush({{"a", "b"}}, {{kNow, std::string(10000, 'x'), {}}});
  ASSERT_EQ(harness.PushJson(body).status, absl::OkStatus());
  EXPECT_LT(harness.writer.records[0].body.size(), body.size() / 10);
  const std::string zipped = Gzip(body);
  ASSERT_EQ(harness.Push(PushPath::kLoki, "application/json", "gzip", zipped).status,
            absl::OkStatus());
  EXPECT_EQ(harness.writer.records[1].body, zipped);
}

TEST(PushTest, FailedAppendStoresNothing) {
  PushHarness harness;
  harness.writer.next_error = Unavailable("disk full");
  const std::string body = JsonPush({{"a", "b"}}, {{kNow, "x", {}}, {0, "x", {}}});
  const PushResult result = harness.PushJson(body);
  EXPECT_EQ(HttpCode(result.status), 503);
  EXPECT_FALSE(result.position.has_value());
  EXPECT_EQ(result.stored.lines, 0u);
  EXPECT_EQ(HttpCode(harness.PushJson(body).status), 400);
}

TEST(PushTest, PushedLevelBecomesTheDetectedOne) {
  PushHarness harness;
  ASSERT_TRUE(harness
                  .PushJson(JsonPush({{"app", "a"}},
                                     {{kNow, "x", {{"detected_level", "WRN"}, {"z", "1"}}}}))
                  .status.ok());
  EXPECT_THAT(harness.writer.Rows(),
              ElementsAre(MakeRow("{app=\"a\", service_name=\"a\"}", "x", "warn", {{"z", "1"}})));
}

TEST(PushTest, ManyStreamsAreCharged) {
  MemoryBudget budget("bodies", 8 << 20);
  PushHarness harness({}, &budget);
  std::string message;
  for (int i = 0; i < 50'000; ++i) {
    message += ProtobufStream(StrCat("{a=\"", i, "\"}"), {{kNow, "", {}}});
  }
  EXPECT_EQ(HttpCode(harness.PushProtobuf(message).status), 413);
  EXPECT_EQ(budget.used(), 0u);
}

// Counts rows and checks that they are whole.
class CountingWriter : public storage::Writer {
 public:
  StatusOr<LogPosition> Append(const storage::PushRecord& record, std::span<const StreamRows> rows,
                               Reservation*) override {
    for (const StoredRow& row : CopyRows(rows)) {
      if (row.line != record.tenant || row.level != "unknown") ++bad_rows;
      ++good_rows;
    }
    return LogPosition{1, 1};
  }
  void WhenDurable(LogPosition, absl::AnyInvocable<void(Status)>) override {}

  std::atomic<size_t> good_rows{0};
  std::atomic<size_t> bad_rows{0};
};

TEST(PushTest, ThreadsShareADistributor) {
  IngestLimits tenant_limits;
  tenant_limits.per_stream_rate = tenant_limits.ingestion_rate = 1e12;
  tenant_limits.max_global_streams_per_user = 100;
  CountingWriter writer;
  FakeLimits limits(tenant_limits);
  DistributorOptions options;
  options.writer = &writer;
  options.limits = &limits;
  options.stream_cache_bytes = 64 << 10;
  Distributor distributor(options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&distributor, t] {
      const std::string tenant = StrCat("tenant-", t);
      for (int i = 0; i < 300; ++i) {
        const std::string body = JsonPush({{"app", StrCat(i % 50)}},
                                          {{kNow, tenant, {}}, {kNow, tenant, {{"a.b", "c"}}}});
        EXPECT_TRUE(distributor.Push({tenant, PushPath::kLoki, "application/json", "", body, kNow})
                        .status.ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(writer.good_rows, 4u * 300 * 2);
  EXPECT_EQ(writer.bad_rows, 0u);
}

}  // namespace
}  // namespace skald::ingest
