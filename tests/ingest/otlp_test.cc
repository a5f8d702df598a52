// OpenTelemetry pushes, protobuf and JSON. Expected rows were recorded from Loki 3.7.6.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/coding.h"
#include "tests/ingest/push_fixture.h"

namespace skald::ingest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// --- Messages by hand ----------------------------------------------------------------------------

std::string Text(std::string_view text) { return BytesField(1, text); }
std::string Int(int64_t value) { return VarintField(3, static_cast<uint64_t>(value)); }
std::string Double(double value) { return Fixed64Field(4, std::bit_cast<uint64_t>(value)); }
std::string Attribute(std::string_view key, std::string_view value) {
  return BytesField(1, key) + BytesField(2, value);
}
std::string Array(const std::vector<std::string>& values) {
  std::string list;
  for (const std::string& value : values) list += BytesField(1, value);
  return BytesField(5, list);
}
std::string Map(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string list;
  for (const auto& [key, value] : members) list += BytesField(1, Attribute(key, value));
  return BytesField(6, list);
}
std::string Record(std::string_view body, std::string_view more = {}) {
  return Fixed64Field(1, kNow) + BytesField(5, body) + std::string(more);
}
std::string Request(std::string_view resource, const std::vector<std::string>& records,
                    std::string_view scope = {}) {
  std::string scope_logs = BytesField(1, scope);
  for (const std::string& record : records) scope_logs += BytesField(2, record);
  // The resource stands last: order must not matter.
  return BytesField(1, BytesField(2, scope_logs) + BytesField(1, resource));
}
std::string ServiceResource() { return BytesField(1, Attribute("service.name", Text("svc"))); }

PushResult PushOtlp(PushHarness* harness, std::string_view message) {
  return harness->Push(PushPath::kOtlp, "application/x-protobuf", "", message);
}

std::vector<StoredRow> RowsOf(std::string_view message, const IngestLimits& limits = {}) {
  PushHarness harness(limits);
  EXPECT_EQ(PushOtlp(&harness, message).status, absl::OkStatus());
  return harness.writer.Rows();
}

constexpr const char* kServiceStream = "{service_name=\"svc\"}";

// --- Tests ---------------------------------------------------------------------------------------

TEST(OtlpTest, Bodies) {
  const std::string nested = Map(
      {{"k", Text("v")}, {"a", Map({{"b", Array({Int(1), Int(2)})}})}, {"n", ""}, {"A", Int(1)}});
  const std::vector<std::pair<std::string, std::string>> cases = {
      {Text("s"), "s"},
      {VarintField(2, 1), "true"},
      {Int(-5), "-5"},
      {Double(1.5), "1.5"},
      {Double(1e21), "1e+21"},
      {Double(1e20), "100000000000000000000"},
      {Double(1e-7), "1e-7"},
      {Double(3), "3"},
      {BytesField(7, "abc\xff"), "YWJj/w=="},
      {Array({Text("a"), Int(1), VarintField(2, 1), "", Double(1.5), Map({{"k", Text("<v>&")}}),
              BytesField(7, "xx")}),
       R"(["a",1,true,null,1.5,{"k":"<v>&"},"eHg="])"},
      {nested, R"({"A":1,"a":{"b":[1,2]},"k":"v","n":null})"},
      {"", ""},
      {Map({}), "{}"},
      {Array({}), "[]"},
  };
  std::vector<std::string> records;
  for (const auto& [body, line] : cases) records.push_back(Record(body));
  const std::vector<StoredRow> rows = RowsOf(Request(ServiceResource(), records));
  ASSERT_THAT(rows, SizeIs(cases.size()));
  for (size_t i = 0; i < cases.size(); ++i) EXPECT_EQ(rows[i].line, cases[i].second);
}

TEST(OtlpTest, AttributesBecomeLabelsAndMetadata) {
  const auto resource = [](std::string_view key, std::string_view value) {
    return BytesField(1, Attribute(key, value));
  };
  const std::string attributes =
      ServiceResource() + resource("res.attr", Text("r")) +
      resource("n", Map({{"a", Map({{"b", Text("c")}})}, {"l", Array({Int(1), Text("x")})}})) +
      resource("bytes", BytesField(7, "abc")) + resource("t", VarintField(2, 1)) +
      resource("empty", Text("")) + resource("nul", "") + resource("k8s.pod.name", Text("pod")) +
      resource("cloud.region", Map({{"a", Text("b")}}));
  const auto log = [](std::string_view key, std::string_view value) {
    return BytesField(6, Attribute(key, value));
  };
  const std::string record =
      Record(Text("l"), log("log.level", Text("WRN")) + log("0start", Text("x")) +
                            log("_under", Text("u")) + log("a.b", Map({{"c", Int(1)}})) +
                            log("e", Map({})) + log("arr", Array({})));
  const std::string scope = BytesField(1, "sc") + BytesField(2, "1") +
                            BytesField(3, Attribute("s.a", Text("b"))) + VarintField(4, 3);
  EXPECT_THAT(
      RowsOf(Request(attributes, {record}, scope)),
      ElementsAre(StoredRow{"{cloud_region_a=\"b\", k8s_pod_name=\"pod\", service_name=\"svc\"}",
                            kNow,
                            "l",
                            {{"_under", "u"},
                             {"a_b_c", "1"},
                             {"arr", "[]"},
                             {"bytes", "YWJj"},
                             {"key_0start", "x"},
                             {"log_level", "WRN"},
                             {"n_a_b", "c"},
                             {"n_l", "[1,\"x\"]"},
                             {"res_attr", "r"},
                             {"s_a", "b"},
                             {"scope_dropped_attributes_count", "3"},
                             {"scope_name", "sc"},
                             {"scope_version", "1"},
                             {"t", "true"}},
                            "unknown"}));
}

TEST(OtlpTest, RecordFields) {
  std::string flags;
  PutVarint32(&flags, 8 << 3 | 5);
  PutFixed32(&flags, 1);
  const std::string more = VarintField(2, 9) + BytesField(3, "INFO") + VarintField(7, 2) + flags +
                           BytesField(9,
                                      "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e"
                                      "\x0f\x10") +
                           BytesField(10, "\x01\x02\x03\x04\x05\x06\x07\x08") +
                           Fixed64Field(11, kNow + 5) + BytesField(12, "event");
  EXPECT_THAT(RowsOf(Request(ServiceResource(), {Record(Text("l"), more)})),
              ElementsAre(StoredRow{kServiceStream,
                                    kNow,
                                    "l",
                                    {{"dropped_attributes_count", "2"},
                                     {"flags", "1"},
                                     {"observed_timestamp", StrCat(kNow + 5)},
                                     {"severity_number", "9"},
                                     {"severity_text", "INFO"},
                                     {"span_id", "0102030405060708"},
                                     {"trace_id", "0102030405060708090a0b0c0d0e0f10"}},
                                    "info"}));
}

TEST(OtlpTest, Times) {
  const std::string observed = Fixed64Field(11, kNow - 5) + BytesField(5, Text("o"));
  const std::vector<StoredRow> rows =
      RowsOf(Request(ServiceResource(), {observed, BytesField(5, Text("none"))}));
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].timestamp, kNow - 5);
  EXPECT_THAT(rows[0].metadata, IsEmpty());
  EXPECT_EQ(rows[1].timestamp, kNow);
}

TEST(OtlpTest, LastOfEqualNamesWins) {
  const std::string resource = ServiceResource() + BytesField(1, Attribute("x", Text("res")));
  const std::string record =
      Record(Text("l"), BytesField(6, Attribute("x", Text("log"))) +
                            BytesField(6, Attribute("severity_text", Text("attr"))) +
                            BytesField(6, Attribute("trace_id", Text("zz"))) +
                            BytesField(3, "ERROR") + BytesField(9, std::string(16, '\x11')));
  const std::string scope = BytesField(1, "sc") + BytesField(3, Attribute("x", Text("scope"))) +
                            BytesField(3, Attribute("scope_name", Text("attr")));
  const std::vector<StoredRow> rows = RowsOf(Request(resource, {record}, scope));
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].metadata, (Pairs{{"scope_name", "sc"},
                                     {"severity_text", "attr"},
                                     {"trace_id", "11111111111111111111111111111111"},
                                     {"x", "scope"}}));
  EXPECT_EQ(rows[0].level, "attr");
}

TEST(OtlpTest, ConfiguredRules) {
  IngestLimits limits;
  limits.otlp_config.resource_attributes = {
      {AttributeAction::kIndexLabel, {}, "team\\..*"},
      {AttributeAction::kDrop, {"secret", "k8s.pod.name"}, ""}};
  limits.otlp_config.scope_attributes = {{AttributeAction::kDrop, {}, ".*"}};
  limits.otlp_config.log_attributes = {{AttributeAction::kIndexLabel, {"region"}, ""}};
  limits.otlp_config.severity_text_as_label = true;
  const std::string resource = ServiceResource() +
                               BytesField(1, Attribute("team.name", Text("a"))) +
                               BytesField(1, Attribute("secret", Text("x"))) +
                               BytesField(1, Attribute("k8s.pod.name", Text("p")));
  const std::string scope = BytesField(3, Attribute("s", Text("x")));
  const std::vector<std::string> records = {
      Record(Text("1"), BytesField(6, Attribute("region", Text("eu")))),
      Record(Text("2"), BytesField(6, Attribute("region", Text("eu")))),
      Record(Text("3"), BytesField(3, "WARN")), Record(Text("4"))};
  const std::string eu = "{region=\"eu\", service_name=\"svc\", team_name=\"a\"}";
  const std::string plain = "{service_name=\"svc\", team_name=\"a\"}";
  EXPECT_THAT(
      RowsOf(Request(resource, records, scope), limits),
      ElementsAre(StoredRow{eu, kNow, "1", {}, "unknown"}, StoredRow{eu, kNow, "2", {}, "unknown"},
                  StoredRow{"{service_name=\"svc\", severity_text=\"WARN\", team_name=\"a\"}",
                            kNow,
                            "3",
                            {{"severity_text", "WARN"}},
                            "warn"},
                  StoredRow{plain, kNow, "4", {}, "unknown"}));

  limits.otlp_config.ignore_resource_defaults = true;
  const std::vector<StoredRow> rows = RowsOf(Request(resource, {Record(Text("1"))}), limits);
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].stream, "{service_name=\"unknown_service\", team_name=\"a\"}");
  EXPECT_EQ(rows[0].metadata, (Pairs{{"service_name", "svc"}}));
}

// A long text is not written again for every record.
TEST(OtlpTest, LongLabelsAndManyRecordsWithLabels) {
  IngestLimits limits;
  limits.otlp_config.log_attributes = {{AttributeAction::kIndexLabel, {"region"}, ""}};
  const std::string resource =
      BytesField(1, Attribute("service.name", Text(std::string(1'000'000, 's'))));
  const std::string eu = BytesField(6, Attribute("region", Text("eu")));
  const std::string us = BytesField(6, Attribute("region", Text("us")));
  const auto code = [&](const std::vector<std::string>& labels) {
    std::vector<std::string> records;
    for (size_t i = 0; i < 200'000; ++i) {
      records.push_back(Record(Text("x"), labels[i % labels.size()]));
    }
    MemoryBudget budget("bodies", 64 << 20);
    PushHarness harness(limits, &budget);
    return HttpCode(PushOtlp(&harness, Request(resource, records)).status);
  };
  EXPECT_EQ(code({eu}), 400);
  EXPECT_EQ(code({eu, us}), 413);
  // The last value stays: the labels are the same, once written.
  EXPECT_EQ(code({eu, us + eu}), 413);
}

TEST(OtlpTest, ImpossibleRules) {
  const auto error = [](AttributeRule rule, bool scope) {
    OtlpConfig config;
    (scope ? config.scope_attributes : config.log_attributes).push_back(std::move(rule));
    return std::string(Message(OtlpMapping::Create(config).status()));
  };
  EXPECT_EQ(error({AttributeAction::kIndexLabel, {"x"}, ""}, true),
            "index_label action is only supported for resource_attributes");
  EXPECT_NE(error({AttributeAction::kDrop, {"x"}, "y"}, false), "");
  EXPECT_NE(error({AttributeAction::kDrop, {}, "("}, false), "");
}

TEST(OtlpTest, Errors) {
  PushHarness harness;
  const auto text = [&](const std::string& message) {
    return std::string(Message(PushOtlp(&harness, message).status));
  };
  const auto with_attribute = [](std::string_view key) {
    return Request("", {Record(Text("x"), BytesField(6, Attribute(key, Text("v"))))});
  };
  EXPECT_EQ(text(with_attribute("")), "symbolizer lookup: label name is empty");
  EXPECT_EQ(text(with_attribute("___")),
            "symbolizer lookup: normalization for label name \"___\" resulted in invalid name "
            "\"_\"");
  EXPECT_EQ(text("\x0a\x05"
                 "ab"),
            "unexpected EOF");
  for (const std::string& empty : {std::string(), BytesField(1, ""), Request("", {})}) {
    EXPECT_EQ(HttpCode(PushOtlp(&harness, empty).status), 422);
  }
  const auto headers = [&](std::string_view type, std::string_view encoding) {
    return std::string(Message(harness.Push(PushPath::kOtlp, type, encoding, "").status));
  };
  EXPECT_EQ(headers("text/plain", ""), "content type: text/plain is not supported");
  EXPECT_EQ(headers("application/json", "deflate"),
            "unsupported content encoding deflate: only gzip, lz4 and zstd are supported");
  for (const char* encoding : {"gzip", "zstd", "lz4"}) {
    EXPECT_EQ(headers("application/x-protobuf", encoding), "unexpected EOF");
  }
}

TEST(OtlpTest, DeepValuesAreRefused) {
  std::string map = Text("x");
  std::string array = Text("x");
  for (int i = 0; i < 200; ++i) {
    map = Map({{"a", map}});
    array = Array({array});
  }
  PushHarness harness;
  for (const std::string& value : {map, array}) {
    EXPECT_EQ(HttpCode(PushOtlp(&harness, Request("", {Record(value)})).status), 400);
    const std::string attribute = BytesField(6, Attribute("k", value));
    EXPECT_EQ(HttpCode(PushOtlp(&harness, Request("", {Record(Text("x"), attribute)})).status),
              400);
  }
}

TEST(OtlpTest, Encodings) {
  const std::string message = Request(ServiceResource(), {Record(Text("x"))});
  const std::vector<std::pair<std::string, std::string>> bodies = {{"", message},
                                                                   {"gzip", Gzip(message)},
                                                                   {"zstd", ZstdFrame(message)},
                                                                   {"lz4", Lz4Frame(message)}};
  for (const auto& [encoding, body] : bodies) {
    PushHarness harness;
    EXPECT_EQ(harness.Push(PushPath::kOtlp, "application/x-protobuf", encoding, body).status,
              absl::OkStatus());
    EXPECT_THAT(harness.writer.Rows(),
                ElementsAre(StoredRow{kServiceStream, kNow, "x", {}, "unknown"}));
  }
}

constexpr std::string_view kJson = R"({"resourceLogs": [{
  "resource": {"attributes": [
    {"key": "service.name", "value": {"stringValue": "svc"}},
    {"key": "n", "value": {"kvlistValue": {"values": [
      {"key": "a", "value": {"arrayValue": {"values": [{"intValue": "1"}, {"intValue": 2}]}}}]}}},
    {"key": "nul", "value": null}],
    "droppedAttributesCount": 1},
  "scopeLogs": [{
    "scope": {"name": "sc", "version": "1", "unknown": [1, {"x": 2}]},
    "logRecords": [{
      "timeUnixNano": "1795232400000000000", "observedTimeUnixNano": 1795232400000000005,
      "severityNumber": 9, "severityText": "INFO", "flags": 1,
      "traceId": "0102030405060708090A0B0C0D0E0F10", "spanId": "",
      "body": {"bytesValue": "YWJj/w=="},
      "attributes": [{"key": "b", "value": {"boolValue": true}},
                     {"key": "d", "value": {"doubleValue": 1.5}},
                     {"key": "i", "value": {"doubleValue": "Infinity"}}]}]}]}]})";

TEST(OtlpTest, Json) {
  const auto rows = [](std::string_view body) {
    PushHarness harness;
    EXPECT_EQ(harness.Push(PushPath::kOtlp, "application/json; charset=utf-8", "", body).status,
              absl::OkStatus());
    return harness.writer.Rows();
  };
  EXPECT_THAT(rows(kJson), ElementsAre(StoredRow{kServiceStream,
                                                 kNow,
                                                 "YWJj/w==",
                                                 {{"b", "true"},
                                                  {"d", "1.5"},
                                                  {"flags", "1"},
                                                  {"i", "Infinity"},
                                                  {"n_a", "[1,2]"},
                                                  {"observed_timestamp", StrCat(kNow + 5)},
                                                  {"scope_name", "sc"},
                                                  {"scope_version", "1"},
                                                  {"severity_number", "9"},
                                                  {"severity_text", "INFO"},
                                                  {"trace_id", "0102030405060708090a0b0c0d0e0f10"}},
                                                 "info"}));
  EXPECT_THAT(rows(R"({"resource_logs":[{"scope_logs":[{"log_records":[
             {"time_unix_nano":1795232400000000000,"body":{"string_value":"snake"},
              "severity_number":"SEVERITY_NUMBER_WARN2"}]}]}]})"),
              ElementsAre(StoredRow{"{service_name=\"unknown_service\"}",
                                    kNow,
                                    "snake",
                                    {{"severity_number", "14"}},
                                    "warn"}));
}

TEST(OtlpTest, JsonErrors) {
  const auto record = [](std::string_view fields) {
    return StrCat("{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{", fields, "}]}]}]}");
  };
  PushHarness harness;
  const auto code = [&](const std::string& body) {
    return HttpCode(harness.Push(PushPath::kOtlp, "application/json", "", body).status);
  };
  for (const std::string& body :
       {std::string("{"), std::string(), std::string("[]"), std::string("{\"resourceLogs\":5}"),
        record("\"traceId\":\"zz\""), record("\"spanId\":\"zzzzzzzzzzzzzzzz\""),
        record("\"body\":{\"bytesValue\":\"!!\"}"), record("\"body\":5"),
        record("\"timeUnixNano\":\"x\""), record("\"severityNumber\":1.5"),
        record("\"severityNumber\":\"SEVERITY_NUMBER_WARN5\""),
        record("\"body\":{\"boolValue\":1}"), record("\"attributes\":{}")}) {
    EXPECT_EQ(code(body), 400) << body;
  }
  EXPECT_EQ(code("{}"), 422);
  std::string deep = "{\"stringValue\":\"x\"}";
  for (int i = 0; i < 300; ++i) deep = StrCat("{\"arrayValue\":{\"values\":[", deep, "]}}");
  EXPECT_EQ(code(record(StrCat("\"body\":", deep))), 400);
  EXPECT_THAT(harness.writer.records, IsEmpty());
}

}  // namespace
}  // namespace skald::ingest
