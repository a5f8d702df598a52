// Whole pushes through the distributor: formats, validation, limits, with Loki's texts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "ingest/stream_cache.h"
#include "tests/ingest/push_fixture.h"

namespace skald::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kOld = kNow - 200 * 3600 * kSecondNs;
constexpr int64_t kNew = kNow + 3600 * kSecondNs;
constexpr std::string_view kOldestText = "2026-11-14T03:40:00Z";

std::string TooOld(std::string_view stream, std::string_view time = "2026-11-12T19:40:00Z") {
  return StrCat("entry for stream '", stream, "' has timestamp too old: ", time,
                ", oldest acceptable timestamp is: ", kOldestText);
}

StoredRow MakeRow(std::string stream, std::string line, std::string level = "unknown",
                  Pairs metadata = {}) {
  return {std::move(stream), kNow, std::move(line), std::move(metadata), std::move(level)};
}

uint64_t DiscardedLines(const PushResult& result, RefusalReason reason) {
  return result.discarded[static_cast<size_t>(reason)].lines;
}

// --- Formats -------------------------------------------------------------------------------------

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
  for (const char* body :
       {"", "{", "[]", "5", "nul", "{\"streams\":{}}", "{\"streams\":[1]}", "{\"streams\":[null]}",
        "{\"streams\":[{\"stream\":[]}]}", "{\"streams\":[{\"stream\":null}]}",
        "{\"streams\":[{\"stream\":{\"a\":{}}}]}", "{\"streams\":[{\"values\":1}]}"}) {
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
  EXPECT_EQ(HttpCode(harness.PushProtobuf(BytesField(1, stream)).status), 429);
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_EQ(HttpCode(harness
                         .Push(PushPath::kLoki, "application/json", "gzip",
                               Gzip(std::string(32 << 20, ' ')))
                         .status),
            429);
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_EQ(harness.PushJson(JsonPush({{"a", "b"}}, {{kNow, "x", {}}})).status, absl::OkStatus());
  EXPECT_EQ(budget.used(), 0u);
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

// --- Validation ----------------------------------------------------------------------------------

TEST(ValidationTest, OldAndNewEntries) {
  PushHarness harness;
  const auto push = [&](const std::vector<TestEntry>& entries) {
    return harness.PushJson(JsonPush({{"app", "a"}}, entries));
  };
  const std::string stream = "{app=\"a\", service_name=\"a\"}";
  const std::string too_new =
      StrCat("entry for stream '", stream, "' has timestamp too new: 2026-11-21T04:40:00Z");

  EXPECT_EQ(Message(push({{kOld, "x", {}}}).status), TooOld(stream));
  EXPECT_EQ(Message(push({{kNew, "x", {}}}).status), too_new);
  EXPECT_EQ(Message(push({{kOld, "x", {}}, {kOld + 1, "y", {}}}).status),
            StrCat("2 errors like: ", TooOld(stream)));
  EXPECT_THAT(harness.writer.records, IsEmpty());
  const PushResult mixed =
      push({{kOld, "xx", {}}, {kNew, "z", {{"k", "v"}}}, {kNow, "ok", {}}, {kOld, "y", {}}});
  EXPECT_EQ(HttpCode(mixed.status), 400);
  EXPECT_EQ(Message(mixed.status),
            StrCat("2 errors like: ", TooOld(stream), "; 1 errors like: ", too_new));
  EXPECT_TRUE(mixed.position.has_value());
  EXPECT_THAT(harness.writer.Rows(), ElementsAre(MakeRow(stream, "ok")));
  EXPECT_EQ(DiscardedLines(mixed, RefusalReason::kTooOld), 2u);
  EXPECT_EQ(mixed.discarded[static_cast<size_t>(RefusalReason::kTooOld)].bytes, 3u);
  EXPECT_EQ(mixed.discarded[static_cast<size_t>(RefusalReason::kTooNew)].bytes, 3u);
  EXPECT_EQ(mixed.stored.lines, 1u);
  EXPECT_EQ(mixed.stored.line_bytes, 2u);
  // The bounds themselves are accepted.
  EXPECT_EQ(
      push({{kNow - 7 * 86400 * kSecondNs, "x", {}}, {kNow + 600 * kSecondNs, "y", {}}}).status,
      absl::OkStatus());
}

TEST(ValidationTest, EntriesWithoutTimestamp) {
  PushHarness harness;
  const std::string text =
      TooOld("{a=\"b\", service_name=\"unknown_service\"}", "0001-01-01T00:00:00Z");
  EXPECT_EQ(
      Message(
          harness.PushJson("{\"streams\":[{\"stream\":{\"a\":\"b\"},\"values\":[[]]}]}").status),
      text);
  EXPECT_EQ(Message(harness
                        .PushProtobuf(BytesField(
                            1, BytesField(1, "{a=\"b\"}") + BytesField(2, BytesField(2, "nots"))))
                        .status),
            text);
  IngestLimits limits;
  limits.reject_old_samples = false;
  harness.limits.Set(limits);
  EXPECT_EQ(harness.PushJson(JsonPush({{"a", "b"}}, {{0, "x", {}}})).status, absl::OkStatus());
  EXPECT_EQ(HttpCode(harness.PushJson("{\"streams\":[{\"values\":[[]]}]}").status), 400);
}

TEST(ValidationTest, LongLines) {
  PushHarness harness;
  const std::string big(300000, 'x');
  const PushResult result =
      harness.PushJson(JsonPush({{"app", "a"}}, {{kNow, big, {}}, {kNow, big + "y", {}}}));
  const auto text = [](int length) {
    return StrCat(
        "1 errors like: max entry size '262144' bytes exceeded for stream '{app=\"a\", "
        "service_name=\"a\"}' while adding an entry with length '",
        length, "' bytes");
  };
  EXPECT_EQ(Message(result.status), StrCat(text(300000), "; ", text(300001)));
  EXPECT_EQ(DiscardedLines(result, RefusalReason::kLineTooLong), 2u);
  EXPECT_EQ(harness.PushJson(JsonPush({{"a", "b"}}, {{kNow, big.substr(0, 262144), {}}})).status,
            absl::OkStatus());
}

TEST(ValidationTest, LongLinesAreCutWhenAskedTo) {
  IngestLimits limits;
  limits.max_line_size = 20;
  limits.max_line_size_truncate = true;
  limits.max_line_size_truncate_identifier = "...";
  PushHarness harness(limits);
  const auto lines = [&] {
    harness.writer.records.clear();
    EXPECT_EQ(harness
                  .PushJson(JsonPush({{"a", "b"}}, {{kNow, std::string(22, 'x'), {}},
                                                    {kNow, std::string(20, 'y'), {}}}))
                  .status,
              absl::OkStatus());
    std::vector<std::string> result;
    for (const StoredRow& row : harness.writer.Rows()) result.push_back(row.line);
    return result;
  };
  EXPECT_THAT(lines(), ElementsAre(std::string(17, 'x') + "...", std::string(20, 'y')));
  limits.max_line_size_truncate_identifier = std::string(30, '.');
  harness.limits.Set(limits);
  EXPECT_THAT(lines(), ElementsAre(std::string(20, 'x'), std::string(20, 'y')));
}

TEST(ValidationTest, Labels) {
  PushHarness harness;
  const auto text = [&](const Pairs& labels) {
    const PushResult result = harness.PushJson(JsonPush(labels, {{kNow, "x", {}}}));
    EXPECT_TRUE(result.status.ok() || HttpCode(result.status) == 400);
    return std::string(Message(result.status));
  };
  Pairs many;
  for (int i = 0; i < 15; ++i) many.emplace_back(StrCat("l", i), "v");
  EXPECT_EQ(text(many), "");
  Pairs with_service = many;
  with_service.emplace_back("service_name", "s");
  EXPECT_EQ(text(with_service), "");
  many.emplace_back("l15", "v");
  EXPECT_EQ(text(many),
            "entry for stream '{l0=\"v\", l1=\"v\", l10=\"v\", l11=\"v\", l12=\"v\", l13=\"v\", "
            "l14=\"v\", l15=\"v\", l2=\"v\", l3=\"v\", l4=\"v\", l5=\"v\", l6=\"v\", l7=\"v\", "
            "l8=\"v\", l9=\"v\", service_name=\"unknown_service\"}' has 16 label names; limit 15");

  IngestLimits limits;
  limits.max_label_name_length = 10;
  limits.max_label_value_length = 10;
  harness.limits.Set(limits);
  EXPECT_EQ(text({{"aaaaaaaaaaa", "b"}}),
            "stream '{aaaaaaaaaaa=\"b\", service_name=\"unknown_service\"}' has label name too "
            "long: 'aaaaaaaaaaa'");
  EXPECT_EQ(text({{"a", "bbbbbbbbbbb"}}),
            "stream '{a=\"bbbbbbbbbbb\", service_name=\"unknown_service\"}' has label value too "
            "long: 'bbbbbbbbbbb'");
  harness.limits.Set({});
  EXPECT_EQ(
      Message(harness.PushProtobuf(ProtobufStream("{a=\"b\",a=\"c\"}", {{kNow, "x", {}}})).status),
      "stream '{a=\"b\", a=\"c\", service_name=\"unknown_service\"}' has duplicate label "
      "name: 'a'");
  limits = {};
  limits.discover_service_name.clear();
  harness.limits.Set(limits);
  EXPECT_EQ(text({}), "error at least one label pair is required per stream");
  EXPECT_EQ(text({{"a", ""}}), "error at least one label pair is required per stream");
}

TEST(ValidationTest, RefusedStreamsLeaveTheOthers) {
  PushHarness harness;
  const PushResult result = harness.PushProtobuf(
      ProtobufStream("{a=\"b\",a=\"c\"}", {{kNow, "x", {}}, {kNow, "y", {}}}) +
      ProtobufStream("{app=\"ok\"}", {{kNow, "z", {}}}) + ProtobufStream("{b=\"b\"}", {}));
  EXPECT_EQ(HttpCode(result.status), 400);
  EXPECT_EQ(DiscardedLines(result, RefusalReason::kDuplicateLabels), 2u);
  EXPECT_THAT(harness.writer.Rows(),
              ElementsAre(MakeRow("{app=\"ok\", service_name=\"ok\"}", "z")));
}

TEST(ValidationTest, StructuredMetadata) {
  IngestLimits limits;
  limits.max_structured_metadata_size = 20;
  limits.max_structured_metadata_entries_count = 2;
  PushHarness harness(limits);
  const auto text = [&](const Pairs& metadata) {
    return std::string(
        Message(harness.PushJson(JsonPush({{"app", "a"}}, {{kNow, "x", metadata}})).status));
  };
  const std::string stream = "stream '{app=\"a\", service_name=\"a\"}'";
  EXPECT_EQ(text({{"a", std::string(20, 'b')}}),
            stream +
                " has structured metadata too large: '21' bytes, limit: '20' bytes. Please see "
                "`limits_config.max_structured_metadata_size` or contact your Loki administrator "
                "to increase it");
  EXPECT_EQ(text({{"a", "b"}, {"c", "d"}, {"e", "f"}}),
            stream +
                " has too many structured metadata labels: '3', limit: '2'. Please see "
                "`limits_config.max_structured_metadata_entries_count` or contact your Loki "
                "administrator to increase it");
  EXPECT_EQ(text({{"...", "b"}}),
            "normalization for label name \"...\" resulted in invalid name \"_\"");
  EXPECT_EQ(text({{"", "b"}}), "label name is empty");
  limits.allow_structured_metadata = false;
  harness.limits.Set(limits);
  const PushResult result = harness.PushJson(
      JsonPush({{"app", "a"}}, {{kNow, "level=info", {}}, {kNow, "x", {{"a", "b"}}}}));
  EXPECT_EQ(Message(result.status),
            stream +
                " includes structured metadata, but this feature is disallowed. Please see "
                "`limits_config.allow_structured_metadata` or contact your Loki administrator to "
                "enable it");
  EXPECT_THAT(harness.writer.Rows(),
              ElementsAre(MakeRow("{app=\"a\", service_name=\"a\"}", "level=info", "")));
}

TEST(ValidationTest, EnforcedLabels) {
  IngestLimits limits;
  limits.enforced_labels = {"team", "env"};
  PushHarness harness(limits);
  const auto text = [&](const Pairs& labels) {
    return std::string(
        Message(harness.PushJson(JsonPush(labels, {{kNow, "x", {}}}), "enf").status));
  };
  EXPECT_EQ(text({{"app", "a"}}),
            "missing required labels 'team,env' for user 'enf' for stream '{app=\"a\", "
            "service_name=\"a\"}' (policy: '')");
  EXPECT_EQ(text({{"team", "a"}}),
            "missing required labels 'env' for user 'enf' for stream "
            "'{service_name=\"unknown_service\", team=\"a\"}' (policy: '')");
  EXPECT_EQ(text({{"team", "a"}, {"env", "b"}}), "");
}

TEST(ValidationTest, BlockedTenants) {
  IngestLimits limits;
  limits.block_ingestion_until = kNow + kSecondNs;
  PushHarness harness(limits);
  const std::string body = JsonPush({{"app", "a"}}, {{kNow, "x", {}}, {kNow, "y", {}}});
  const PushResult result = harness.PushJson(body, "blk");
  EXPECT_EQ(HttpCode(result.status), 260);
  EXPECT_EQ(Message(result.status),
            "ingestion blocked for user 'blk' until '2026-11-21T03:40:01Z' with status code '260'");
  EXPECT_EQ(DiscardedLines(result, RefusalReason::kBlocked), 2u);
  limits.block_ingestion_status_code = 200;
  harness.limits.Set(limits);
  EXPECT_TRUE(harness.PushJson(body).status.ok());
  EXPECT_THAT(harness.writer.records, IsEmpty());
  harness.clock.Advance(kSecondNs);
  EXPECT_TRUE(harness.PushJson(body).position.has_value());
}

TEST(ValidationTest, DuplicateTimestampsAreSpread) {
  IngestLimits limits;
  limits.increment_duplicate_timestamp = true;
  PushHarness harness(limits);
  std::vector<TestEntry> entries;
  for (const auto& [offset, line] : std::vector<std::pair<int, const char*>>{
           {0, "x"}, {0, "y"}, {0, "y"}, {0, "z"}, {1, "w"}, {1, "w2"}, {0, "q"}}) {
    entries.push_back({kNow + offset, line, {}});
  }
  ASSERT_TRUE(harness.PushJson(JsonPush({{"app", "a"}}, entries)).status.ok());
  std::vector<std::string> stored;
  for (const StoredRow& row : harness.writer.Rows()) {
    stored.push_back(StrCat(row.timestamp - kNow, row.line));
  }
  // As Loki stored them.
  EXPECT_THAT(stored, ElementsAre("0x", "1y", "0y", "1z", "2w", "1w2", "0q"));
}

TEST(ValidationTest, ManyKindsOfErrorsStayShort) {
  PushHarness harness;
  std::string message;
  for (int i = 0; i < 20000; ++i) {
    message += ProtobufStream(StrCat("{app=\"a", i, "\"}"), {{kOld, "x", {}}});
  }
  const PushResult result = harness.PushProtobuf(message);
  EXPECT_EQ(DiscardedLines(result, RefusalReason::kTooOld), 20000u);
  EXPECT_LT(Message(result.status).size(), 30000u);
  EXPECT_THAT(std::string(Message(result.status)), HasSubstr("; 19900 more errors"));
}

TEST(PushTest, FailedAppendStoresNothing) {
  PushHarness harness;
  harness.writer.next_error = Unavailable("disk full");
  const std::string body = JsonPush({{"a", "b"}}, {{kNow, "x", {}}, {kOld, "x", {}}});
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

// --- Rates ---------------------------------------------------------------------------------------

TEST(RateTest, TenantRateRefusesAll) {
  IngestLimits limits;
  limits.ingestion_rate = 1048.576;
  limits.ingestion_burst = 1048.576;
  PushHarness harness(limits);
  const std::vector<TestEntry> entries(300, {kNow, std::string(99, 'x'), {{"k", "v"}}});
  const PushResult result = harness.PushJson(JsonPush({{"app", "a"}}, entries), "rate");
  EXPECT_EQ(HttpCode(result.status), 429);
  EXPECT_EQ(Message(result.status),
            "ingestion rate limit exceeded for user rate (limit: 1048 bytes/sec) while attempting "
            "to ingest '300' lines totaling '30300' bytes, reduce log volume or contact your Loki "
            "administrator to see if the limit can be increased");
  EXPECT_EQ(DiscardedLines(result, RefusalReason::kRateLimited), 300u);
  EXPECT_THAT(harness.writer.records, IsEmpty());

  const std::string small = JsonPush({{"app", "a"}}, {{kNow, std::string(1000, 'x'), {}}});
  EXPECT_TRUE(harness.PushJson(small).status.ok());
  EXPECT_EQ(HttpCode(harness.PushJson(small).status), 429);
  EXPECT_TRUE(harness.PushJson(small, "other").status.ok());
  harness.clock.JumpWall(3600 * kSecondNs);
  EXPECT_EQ(HttpCode(harness.PushJson(small).status), 429);
  harness.clock.Advance(kSecondNs);
  EXPECT_TRUE(harness.PushJson(small).status.ok());
}

TEST(RateTest, StreamRateRefusesTheStream) {
  IngestLimits limits;
  limits.per_stream_rate = 1024;
  limits.per_stream_burst = 1024;
  PushHarness harness(limits);
  std::vector<TestEntry> entries;
  for (int i = 0; i < 20; ++i) entries.push_back({kNow + 100 * i, std::string(99, 'x'), {}});
  const PushResult result = harness.PushProtobuf(
      ProtobufStream("{app=\"a\"}", entries) + ProtobufStream("{app=\"b\"}", {{kNow, "x", {}}}),
      "srate");
  EXPECT_EQ(HttpCode(result.status), 429);
  std::string expected;
  for (const char* time : {"", ".0000001", ".0000002", ".0000003", ".0000004", ".0000005",
                           ".0000006", ".0000007", ".0000008", ".0000009"}) {
    StrAppend(&expected, "entry with timestamp 2026-11-21 03:40:00", time,
              " +0000 UTC ignored, reason: 'Per stream rate limit exceeded (limit: 1KB/sec) while "
              "attempting to ingest for stream '{app=\"a\", service_name=\"a\"}' totaling 99B, "
              "consider splitting a stream via additional labels or contact your Loki "
              "administrator to see if the limit can be increased',\n");
  }
  expected +=
      "user 'srate', total ignored: 20 out of 20 for stream: {app=\"a\", service_name=\"a\"}";
  EXPECT_EQ(Message(result.status), expected);
  EXPECT_THAT(harness.writer.Rows(), ElementsAre(MakeRow("{app=\"b\", service_name=\"b\"}", "x")));
}

TEST(RateTest, ActiveStreams) {
  IngestLimits limits;
  limits.max_global_streams_per_user = 1;
  PushHarness harness(limits);
  const auto push = [&](std::string_view app) {
    return harness.PushProtobuf(
        ProtobufStream(StrCat("{app=\"", app, "\"}"), {{harness.clock.WallNanos(), "x", {}}}),
        "streams");
  };
  EXPECT_TRUE(push("a").status.ok());
  EXPECT_TRUE(push("a").status.ok());
  const PushResult result = push("b");
  EXPECT_EQ(HttpCode(result.status), 429);
  EXPECT_EQ(Message(result.status),
            "maximum active stream limit exceeded when trying to create stream {app=\"b\", "
            "service_name=\"b\"}, reduce the number of active streams (reduce labels or reduce "
            "label values), or contact your Loki administrator to see if the limit can be "
            "increased, user: 'streams'");
  EXPECT_EQ(DiscardedLines(result, RefusalReason::kStreamLimit), 1u);
  harness.clock.Advance(31 * 60 * kSecondNs);
  EXPECT_TRUE(push("b").status.ok());
  EXPECT_EQ(HttpCode(push("a").status), 429);
}

TEST(RateTest, MemoryOfBucketsIsBounded) {
  RateLimiter limiter(4);
  for (uint64_t i = 0; i < 100; ++i) {
    EXPECT_TRUE(limiter.AllowStream("t", {0, i}, 1, 10, 10, 1));
  }
  // Full again after ten seconds, the first ones make room.
  EXPECT_TRUE(limiter.AllowStream("t", {1, 1}, 1, 10, 10, 11 * kSecondNs));
  EXPECT_FALSE(limiter.AllowStream("t", {1, 1}, 1, 10, 10, 11 * kSecondNs));
}

TEST(StreamCacheTest, BoundedAndScoped) {
  StreamCache cache(1 << 20);
  const auto settings = IngestSettings::Create({}).value();
  IngestLimits strict_limits;
  strict_limits.max_label_names_per_series = 0;
  const auto strict = IngestSettings::Create(strict_limits).value();
  const auto first = cache.Resolve("{a=\"b\"}", "t", *settings);
  EXPECT_EQ(cache.Resolve("{a=\"b\"}", "t", *settings), first);
  EXPECT_TRUE(cache.Resolve("{a=\"b\"}", "t", *strict)->refusal.has_value());
  EXPECT_FALSE(cache.Resolve("{a", "t", *settings)->parse_error.ok());
  for (int i = 0; i < 20000; ++i) {
    const auto stream = cache.Resolve(StrCat("{app=\"service-", i, "\"}"), "t", *settings);
    EXPECT_EQ(stream->stream->labels.Get("app"), StrCat("service-", i));
  }
  EXPECT_LE(cache.size_bytes(), size_t{1} << 20);
  EXPECT_EQ(cache.Resolve("{a=\"b\"}", "t", *settings)->stream->text, first->stream->text);
}

}  // namespace
}  // namespace skald::ingest
