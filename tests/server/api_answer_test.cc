// Query answers as JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "server/api/query_json.h"
#include "server/api/stream_json.h"

namespace skald::api {
namespace {

using query::LogResult;
using query::MetricResult;
using query::MetricSeries;
using query::QueryResult;

constexpr int64_t kTime = 1767571200'000000000;

// The answer with its stats replaced by `S`.
std::string Answer(const QueryResult& result, std::string_view flags = "") {
  http::Text text;
  WriteAnswer(result, {.encoding_flags = flags}, &text);
  std::string body = text.ToString();
  const size_t begin = body.find("{\"summary\"");
  EXPECT_NE(begin, std::string::npos);
  const std::string_view last = "\"bloomFilterTime\":0}}";
  const size_t end = body.find(last, begin);
  EXPECT_NE(end, std::string::npos);
  body.replace(begin, end + last.size() - begin, "S");
  return body;
}

class LogAnswerTest : public testing::Test {
 protected:
  LogAnswerTest() {
    LogResult log;
    log.streams.push_back({labels_, {{kTime, "<a>", &both_}, {kTime + 1, "b", nullptr}}});
    result_.data = std::move(log);
  }

  const std::vector<LabelView> labels_ = {{"app", "<x&y>"}, {"env", "prod"}};
  const std::vector<LabelView> metadata_ = {{"trace", "1"}};
  const std::vector<LabelView> parsed_ = {{"level", "<info>"}};
  const query::EntryLabels both_ = {metadata_, parsed_};
  QueryResult result_;
};

TEST_F(LogAnswerTest, HasPairsWithoutFlags) {
  EXPECT_EQ(Answer(result_),
            R"({"status":"success","data":{"resultType":"streams","result":[)"
            R"({"stream":{"app":"<x&y>","env":"prod"},)"
            R"("values":[["1767571200000000000","\u003ca\u003e"],["1767571200000000001","b"]]}],)"
            "\"stats\":S}}\n");
}

TEST_F(LogAnswerTest, HasTriplesWithCategories) {
  EXPECT_EQ(Answer(result_, "categorize-labels"),
            R"({"status":"success","data":{"resultType":"streams",)"
            R"("encodingFlags":["categorize-labels"],"result":[)"
            R"({"stream":{"app":"<x&y>","env":"prod"},)"
            R"("values":[["1767571200000000000","\u003ca\u003e",)"
            R"({"structuredMetadata":{"trace":"1"},"parsed":{"level":"<info>"}}],)"
            R"(["1767571200000000001","b",{}]]}],)"
            "\"stats\":S}}\n");
}

TEST_F(LogAnswerTest, EchoesFlagsAsTheyCame) {
  result_.data = LogResult();
  result_.warnings = {"careful"};
  EXPECT_EQ(Answer(result_, "other, x"),
            R"({"status":"success","warnings":["careful"],"data":{"resultType":"streams",)"
            R"("encodingFlags":["other"," x"],"result":[],"stats":S}})"
            "\n");
  EXPECT_FALSE(WantsCategories("other, categorize-labels"));
  EXPECT_TRUE(WantsCategories("other,categorize-labels"));
}

TEST_F(LogAnswerTest, HasTheLegacyShape) {
  http::Text text;
  WriteLegacyAnswer(result_, {}, &text);
  EXPECT_THAT(
      text.ToString(),
      testing::StartsWith(
          R"({"streams":[{"labels":"{app=\"\u003cx\u0026y\u003e\", env=\"prod\"}","entries":[)"
          R"({"ts":"2026-01-05T00:00:00Z","line":"\u003ca\u003e"},)"
          R"({"ts":"2026-01-05T00:00:00.000000001Z","line":"b"}]}],"stats":{"summary":{)"));
}

QueryResult MetricOf(MetricResult::Type type, std::vector<MetricSeries> series) {
  QueryResult result;
  MetricResult metric;
  metric.type = type;
  metric.series = std::move(series);
  result.data = std::move(metric);
  return result;
}

TEST(MetricAnswerTest, Matrix) {
  const std::vector<LabelView> labels = {{"app", "x"}};
  QueryResult result =
      MetricOf(MetricResult::Type::kMatrix,
               {{labels, {{kTime, 2}, {kTime + 500'000'000, std::nan("")}}}, {labels, {}}});
  result.warnings = {"partial"};
  EXPECT_EQ(Answer(result, "categorize-labels"),
            R"({"status":"success","data":{"resultType":"matrix","result":[{"metric":{"app":"x"},)"
            R"("values":[[1767571200,"2"],[1767571200.5,"NaN"]]}],"stats":S},)"
            R"("warnings":["partial"]})");
}

TEST(MetricAnswerTest, VectorAndScalar) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Answer(MetricOf(MetricResult::Type::kVector, {{{}, {{kTime, infinity}}}})),
            R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},)"
            R"("value":[1767571200,"+Inf"]}],"stats":S}})");
  EXPECT_EQ(Answer(MetricOf(MetricResult::Type::kScalar, {{{}, {{kTime, 0.25}}}})),
            R"({"status":"success","data":{"resultType":"scalar",)"
            R"("result":[1767571200,"0.25"],"stats":S}})");
  EXPECT_EQ(Answer(MetricOf(MetricResult::Type::kVector, {})),
            R"({"status":"success","data":{"resultType":"vector","result":[],"stats":S}})");
}

TEST(VolumeAnswerTest, NamesSeriesOrLabels) {
  std::vector<query::VolumeSeries> volumes(2);
  volumes[0].labels = LabelSet::FromPairs({{"app", "x"}});
  volumes[0].samples = {{kTime, 10}};
  volumes[1].name = "env";
  volumes[1].samples = {{kTime - 1'000'000, 3}};
  http::Text text;
  WriteVolumes(volumes, false, {}, &text);
  EXPECT_THAT(
      text.ToString(),
      testing::StartsWith(R"({"status":"success","data":{"resultType":"vector","result":[)"
                          R"({"metric":{"app":"x"},"value":[1767571200,"10"]},)"
                          R"({"metric":{"env":""},"value":[1767571199.999,"3"]}],"stats":{)"));
}

TEST(StatsTest, CountsInLokisTerms) {
  QueryResult result;
  result.stats.exec_nanos = 500'000'000;
  result.stats.line_bytes_processed = 900;
  result.stats.scan.metadata_bytes = 100;
  result.stats.rows_processed = 50;
  result.stats.entries_returned = 7;
  http::Text text;
  WriteAnswer(result, {.queue_nanos = 2'000'000}, &text);
  EXPECT_THAT(text.ToString(),
              testing::HasSubstr(
                  R"("summary":{"bytesProcessedPerSecond":2000,"linesProcessedPerSecond":100,)"
                  R"("totalBytesProcessed":1000,"totalLinesProcessed":50,"execTime":0.5,)"
                  R"("queueTime":0.002,"subqueries":0,"totalEntriesReturned":7,)"));
}

}  // namespace
}  // namespace skald::api
