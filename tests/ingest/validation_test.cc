// Validation and limits, seen through the distributor, with Loki's texts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "ingest/rate_limiter.h"
#include "ingest/stream_cache.h"
#include "tests/ingest/push_fixture.h"

namespace skald::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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
  return result.classes.at(0).discarded[static_cast<size_t>(reason)].lines;
}

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
  EXPECT_EQ(mixed.classes.at(0).discarded[static_cast<size_t>(RefusalReason::kTooOld)].bytes, 3u);
  EXPECT_EQ(mixed.classes.at(0).discarded[static_cast<size_t>(RefusalReason::kTooNew)].bytes, 3u);
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

TEST(ValidationTest, LabelTextThatNoLimitsAllowIsNotParsed) {
  PushHarness harness;
  const std::string ok = ProtobufStream("{app=\"ok\"}", {{kNow, "z", {}}});
  const auto text = [&](std::string_view labels) {
    const PushResult result = harness.PushProtobuf(ProtobufStream(labels, {{kNow, "x", {}}}) + ok);
    EXPECT_EQ(HttpCode(result.status), 400);
    EXPECT_EQ(DiscardedLines(result, RefusalReason::kLabelValueTooLong), 1u);
    return std::string(Message(result.status));
  };
  const std::string shown = StrCat("{a=\"", std::string(1020, 'b'), "...");
  EXPECT_EQ(
      text(StrCat("{a=\"", std::string(400'000, 'b'), "\"}")),
      StrCat("stream '", shown, "' has labels too long: '400006' bytes, limit: '365840' bytes"));
  // Up to there Loki's words, shortened.
  const std::string start = std::string((16 << 10) - 4, 'b');
  EXPECT_EQ(text(StrCat("{a=\"", std::string(200'000, 'b'), "\"}")),
            StrCat("stream '{a=\"", start, "...' has label value too long: '", start, "bbbb...'"));
  EXPECT_THAT(harness.writer.Rows(),
              ElementsAre(MakeRow("{app=\"ok\", service_name=\"ok\"}", "z"),
                          MakeRow("{app=\"ok\", service_name=\"ok\"}", "z")));
}

TEST(ValidationTest, LabelTextMayBeEscapedThroughout) {
  IngestLimits limits;
  limits.max_label_value_length = 10'000;
  PushHarness harness(limits);
  std::string text = "{app=\"";
  for (int i = 0; i < 10'000; ++i) text += "\\U00000041";
  text += "\"}";
  const PushResult result = harness.PushProtobuf(ProtobufStream(text, {{kNow, "x", {}}}));
  EXPECT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.stored.lines, 1u);
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
  // Labels are checked before.
  EXPECT_EQ(Message(harness
                        .PushProtobuf(ProtobufStream("{a=\"b\",a=\"c\"}", {{kNow, "x", {}}}) +
                                      ProtobufStream("{a=\"b\"}", {{kNow, "x", {}}}))
                        .status),
            "stream '{a=\"b\", a=\"c\", service_name=\"unknown_service\"}' has duplicate label "
            "name: 'a'");
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
  // How entries, written as `offset line`, are stored.
  const auto stored = [&](const std::vector<std::string>& pushed) {
    PushHarness harness(limits);
    std::vector<TestEntry> entries;
    for (const std::string& entry : pushed) {
      entries.push_back({kNow + (entry[0] - '0'), entry.substr(1), {}});
    }
    EXPECT_TRUE(harness.PushJson(JsonPush({{"app", "a"}}, entries)).status.ok());
    std::vector<std::string> rows;
    for (const StoredRow& row : harness.writer.Rows()) {
      rows.push_back(StrCat(row.timestamp - kNow, row.line));
    }
    return rows;
  };
  // As Loki stored them.
  EXPECT_THAT(stored({"0x", "0y", "0y", "0z", "1w", "1w2", "0q"}),
              ElementsAre("0x", "1y", "0y", "1z", "2w", "1w2", "0q"));
  EXPECT_THAT(stored({"0x", "0y", "0z", "0w", "1q", "3r", "0s"}),
              ElementsAre("0x", "1y", "2z", "3w", "1q", "3r", "0s"));
  EXPECT_THAT(stored({"5x", "5y", "0z", "0w", "5v", "6u"}),
              ElementsAre("5x", "6y", "0z", "1w", "5v", "6u"));
  EXPECT_THAT(stored({"0x", "0y", "1z", "0p"}), ElementsAre("0x", "1y", "2z", "3p"));
  EXPECT_THAT(stored({"0x", "0y", "1z", "1p"}), ElementsAre("0x", "1y", "2z", "1p"));
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

TEST(ValidationTest, LongMessagesStayShort) {
  RefusalSummary errors;
  for (int i = 0; i < 200; ++i) {
    errors.Add([&] { return StrCat(i, std::string(100'000, 'x')); });
  }
  errors.Add([] { return std::string("short"); });
  EXPECT_LT(errors.ToString().size(), 1'200'000u);
  EXPECT_THAT(errors.ToString(), HasSubstr("xxx...; 1 errors like: 1xxx"));
  EXPECT_THAT(errors.ToString(), testing::EndsWith("more errors"));
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

TEST(RateTest, TenantsBeyondTheBoundAreNotCounted) {
  RateLimiter limiter(/*max_buckets=*/2);
  const StreamId stream{1, 1};
  const StreamId other{2, 2};
  const int64_t now = kNow;
  EXPECT_TRUE(limiter.AllowActiveStream("a", stream, 1, now));
  EXPECT_TRUE(limiter.AllowActiveStream("b", stream, 1, now));
  EXPECT_FALSE(limiter.AllowActiveStream("b", other, 1, now));
  EXPECT_TRUE(limiter.AllowActiveStream("c", stream, 1, now));
  EXPECT_TRUE(limiter.AllowActiveStream("c", other, 1, now));
  // When the others have been idle for long there is room to count it.
  const int64_t later = now + 3600 * kSecondNs;
  EXPECT_TRUE(limiter.AllowActiveStream("c", stream, 1, later));
  EXPECT_FALSE(limiter.AllowActiveStream("c", other, 1, later));
}

TEST(RateTest, BucketsAreKeptUntilTheyAreFull) {
  RateLimiter limiter;
  constexpr double kRate = 100;
  constexpr double kBurst = 15'000;  // full again after 150 s
  EXPECT_TRUE(limiter.AllowTenant("a", kRate, kBurst, 15'000, kNow));
  for (const int64_t seconds : {61, 122}) {
    EXPECT_TRUE(limiter.AllowTenant("b", kRate, kBurst, 1, kNow + seconds * kSecondNs));
  }
  const int64_t later = kNow + 123 * kSecondNs;
  EXPECT_FALSE(limiter.AllowTenant("a", kRate, kBurst, 12'400, later));
  EXPECT_TRUE(limiter.AllowTenant("a", kRate, kBurst, 12'300, later));
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
  std::vector<RateLimiter::Demand> asked;
  for (uint64_t i = 0; i < 100; ++i) asked.push_back({{0, i}, 10});
  EXPECT_TRUE(limiter.RefusedStreams("t", asked, 1, 10, 1).empty());
  // Full again after ten seconds, the first ones make room.
  const std::vector<RateLimiter::Demand> twice = {{{1, 1}, 10}, {{1, 1}, 10}, {{1, 2}, 10}};
  EXPECT_THAT(limiter.RefusedStreams("t", twice, 1, 10, 11 * kSecondNs), ::testing::ElementsAre(1));
}

TEST(StreamCacheTest, BoundedAndScoped) {
  StreamCache cache(1 << 20);
  const auto settings = IngestSettings::Create({}).value();
  IngestLimits strict_limits;
  strict_limits.max_label_names_per_series = 0;
  const auto strict = IngestSettings::Create(strict_limits).value();
  const auto first = cache.Resolve("{a=\"b\"}", "t", *settings);
  EXPECT_EQ(cache.Resolve("{a=\"b\"}", "t", *settings), first);
  EXPECT_NE(cache.Resolve("{a=\"b\"}", "t", *strict)->refusal, nullptr);
  EXPECT_FALSE(cache.Resolve("{a", "t", *settings)->parse_error.ok());
  for (int i = 0; i < 20000; ++i) {
    const auto stream = cache.Resolve(StrCat("{app=\"service-", i, "\"}"), "t", *settings);
    EXPECT_EQ(stream->stream->labels.Get("app"), StrCat("service-", i));
  }
  EXPECT_LE(cache.size_bytes(), size_t{1} << 20);
  EXPECT_EQ(cache.Resolve("{a=\"b\"}", "t", *settings)->stream->text, first->stream->text);
}

TEST(StreamCacheTest, ManyAtOnceAreWhatEachIs) {
  StreamCache cache(1 << 20);
  const auto settings = IngestSettings::Create({}).value();
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> texts;
    for (size_t i = 0; i < StreamCache::kMaxAtOnce; ++i) {
      texts.push_back(StrCat("{service_name=\"", i / 2 * (round + 1), "\"}"));  // each twice
    }
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    std::vector<std::shared_ptr<const ResolvedStream>> found(views.size());
    cache.Resolve(views, "t", *settings, found);
    for (size_t i = 0; i < views.size(); ++i) EXPECT_EQ(found[i]->stream->text, texts[i]);
    const auto again = cache.Resolve(views[0], "t", *settings);
    EXPECT_EQ(again->stream->text, texts[0]);
  }
}

}  // namespace
}  // namespace skald::ingest
