// Texts that skaldcli reads and writes: times, durations, JSON, URLs, tables.
#include <gmock/gmock.h>

#include "tests/support/status_matchers.h"
#include "tools/cli/entry_format.h"
#include "tools/cli/explanation.h"
#include "tools/cli/flag_values.h"
#include "tools/cli/json_text.h"
#include "tools/cli/metric_printer.h"
#include "tools/cli/parallel_download.h"
#include "tools/cli/part_file.h"
#include "tools/cli/response.h"
#include "tools/cli/statistics.h"
#include "tools/cli/syntax_caret.h"
#include "tools/cli/time_text.h"
#include "tools/cli/url_query.h"

namespace skald::cli {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using ::testing::HasSubstr;

constexpr int64_t kTime = 1767571200'000000005;  // 2026-01-05T00:00:00.000000005Z

std::string TimeError(std::string_view text) {
  return std::string(Message(ParseRfc3339(text).status()));
}

TEST(TimeTextTest, ReadsRfc3339) {
  EXPECT_EQ(ParseRfc3339("2026-01-05T00:00:00.000000005Z").value(), kTime);
  EXPECT_EQ(ParseRfc3339("2026-01-05T02:30:00+02:30").value(), kTime - 5);
  EXPECT_EQ(ParseRfc3339("2024-02-29T00:00:00Z").value(), 1709164800'000000000);
}

TEST(TimeTextTest, NamesWhatDoesNotFit) {
  EXPECT_EQ(TimeError("bogus"),
            "parsing time \"bogus\" as \"2006-01-02T15:04:05.999999999Z07:00\": cannot parse "
            "\"bogus\" as \"2006\"");
  EXPECT_THAT(TimeError("2026-01-05T00:00:00"), HasSubstr("cannot parse \"\" as \"Z07:00\""));
  EXPECT_THAT(TimeError("2026-13-05T00:00:00Z"), HasSubstr(": month out of range"));
  EXPECT_THAT(TimeError("2026-02-29T00:00:00Z"), HasSubstr(": day out of range"));
  EXPECT_THAT(TimeError("2026-01-05T00:00:00Zx"), HasSubstr(": extra text: \"x\""));
  EXPECT_FALSE(ParseRfc3339("").ok());
}

TEST(TimeTextTest, WritesEachFormat) {
  absl::TimeZone zone = absl::UTCTimeZone();
  EXPECT_EQ(FormatTimestamp(kTime, "rfc3339", zone), "2026-01-05T00:00:00Z");
  EXPECT_EQ(FormatTimestamp(kTime, "rfc3339nano", zone), "2026-01-05T00:00:00.000000005Z");
  EXPECT_EQ(FormatTimestamp(kTime - 5, "rfc3339nano", zone), "2026-01-05T00:00:00Z");
  EXPECT_EQ(FormatTimestamp(kTime, "rfc822z", zone), "05 Jan 26 00:00 +0000");
  EXPECT_EQ(FormatTimestamp(kTime, "rfc1123z", zone), "Mon, 05 Jan 2026 00:00:00 +0000");
  EXPECT_EQ(FormatTimestamp(kTime, "stampmilli", zone), "Jan  5 00:00:00.000");
  EXPECT_EQ(FormatTimestamp(kTime, "stampnano", zone), "Jan  5 00:00:00.000000005");
  EXPECT_EQ(FormatTimestamp(kTime, "unixdate", zone), "Mon Jan  5 00:00:00 UTC 2026");
  EXPECT_EQ(FormatTimestamp(kTime, "rfc3339", absl::FixedTimeZone(-5 * 3600)),
            "2026-01-04T19:00:00-05:00");
}

TEST(TimeTextTest, SpansCountBackFromNow) {
  RangeOptions range;
  EXPECT_EQ(SpanOf(range, kTime)->start, kTime - 3600'000000000);
  range.to = "2026-01-05T00:00:00Z";
  EXPECT_EQ(SpanOf(range, kTime)->end, kTime - 5);
  EXPECT_EQ(SpanOf(range, kTime)->start, kTime - 3600'000000000);
}

TEST(FlagValuesTest, DurationsMayCountDays) {
  EXPECT_EQ(ParseFlagDuration("1h30m").value(), minutes(90));
  EXPECT_EQ(ParseFlagDuration("1d2h").value(), hours(26));
  EXPECT_EQ(ParseFlagDuration("1w").value(), hours(168));
  EXPECT_EQ(Message(ParseFlagDuration("zz").status()), "time: invalid duration \"zz\"");
  EXPECT_FALSE(ParseFlagDuration("d").ok());
}

TEST(JsonTextTest, EscapesAsGoDoes) {
  std::string out;
  AppendJsonString(&out, "<é>\n\x01\"\\\u2028\xff&");
  EXPECT_EQ(out, R"("\u003cé\u003e\n\u0001\"\\\u2028\ufffd\u0026")");
}

TEST(UrlQueryTest, SortsAndEscapes) {
  EXPECT_EQ(EncodeQuery({{"b", "{a=\"x y\"}"}, {"a", "1,2"}}), "a=1%2C2&b=%7Ba%3D%22x+y%22%7D");
}

TEST(ResponseTest, RefusesWhatIsNoAnswer) {
  EXPECT_FALSE(ParseQueryResponse("nojson").ok());
  EXPECT_FALSE(ParseQueryResponse("{}").ok());
  EXPECT_FALSE(ParseQueryResponse(R"({"data":{"resultType":"other"}})").ok());
  EXPECT_FALSE(
      ParseQueryResponse(R"({"data":{"resultType":"streams","result":[{"values":[["x","l"]]}]}})")
          .ok());
}

TEST(ResponseTest, ReadsWhatIsMissingAsEmpty) {
  auto response = ParseQueryResponse(R"({"data":{"resultType":"streams"}})");
  ASSERT_TRUE(response.ok());
  EXPECT_TRUE(response->streams.empty());
}

TEST(MetricPrinterTest, IndentsByTwo) {
  auto response = ParseQueryResponse(
      R"({"data":{"resultType":"matrix","result":[{"metric":{"a":"<"},"values":[[1.5,"1e-7"]]}]}})");
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(MetricJson(*response),
            "[\n  {\n    \"metric\": {\n      \"a\": \"\\u003c\"\n    },\n    \"values\": [\n"
            "      [\n        1.5,\n        \"0.0000001\"\n      ]\n    ]\n  }\n]");
}

TEST(MetricPrinterTest, ScalarsAndNothing) {
  auto scalar = ParseQueryResponse(R"({"data":{"resultType":"scalar","result":[7,"3"]}})");
  EXPECT_EQ(MetricJson(*scalar), "[\n  7,\n  \"3\"\n]");
  EXPECT_EQ(MetricJson(*ParseQueryResponse(R"({"data":{"resultType":"vector","result":[]}})")),
            "[]");
}

TEST(StatisticsTest, AlignsValuesByTabs) {
  std::string table = StatisticsTable({{"summary.totalBytesProcessed", 9999},
                                       {"summary.execTime", 0.003818},
                                       {"querier.store.queryUsedV2Engine", 1}});
  EXPECT_THAT(table, HasSubstr("Ingester.TotalReached \t\t\t\t 0\n"));
  EXPECT_THAT(table, HasSubstr("Summary.TotalBytesProcessed \t\t\t 10 kB\n"));
  EXPECT_THAT(table, HasSubstr("Querier.QueryUsedV2Engine \t\t\t true\n"));
  EXPECT_THAT(table, HasSubstr("Summary.ExecTime \t\t\t\t 3.818ms\n"));
}

TEST(ExplanationTest, TellsWhatWasSkipped) {
  std::string text = Explanation({{"summary.execTime", 0.25},
                                  {"summary.totalLinesProcessed", 1234567},
                                  {"querier.store.totalChunksRef", 200},
                                  {"querier.store.totalChunksDownloaded", 10}});
  EXPECT_THAT(text, HasSubstr("250.0 ms executing"));
  EXPECT_THAT(text, HasSubstr("10 opened of 200 selected (95 % skipped)"));
  EXPECT_THAT(text, HasSubstr("1 234 567 looked at"));
}

TEST(EntryFormatTest, TrimsAndPads) {
  PrintOptions options;
  options.timezone = "UTC";
  Labels labels = {{"a", "b"}};
  ShownEntry entry{kTime, "\u00a0 line\n\n", &labels, "{a=\"b\"}", "{a=\"b\"}"};
  EXPECT_EQ(EntryFormat(options, Coloring::kNone).Format(entry, 9),
            "2026-01-05T00:00:00Z {a=\"b\"}   line\n");
  EXPECT_EQ(EntryFormat(options, Coloring::kPlain).Format(entry, 0),
            "\x1b[34m2026-01-05T00:00:00Z\x1b[0m \x1b[31m{a=\"b\"}\x1b[0m line\n");
  options.mode = OutputMode::kRaw;
  EXPECT_EQ(EntryFormat(options, Coloring::kNone).Format(entry, 9), "\u00a0 line\n\n");
  options.mode = OutputMode::kJsonLines;
  EXPECT_EQ(EntryFormat(options, Coloring::kNone).Format(entry, 9),
            "{\"labels\":{\"a\":\"b\"},\"line\":\"\u00a0 line\\n\\n\","
            "\"timestamp\":\"2026-01-05T00:00:00.000000005Z\"}\n");
}

TEST(EntryFormatTest, ColorsByStream) {
  EXPECT_EQ(StreamColor("{a=\"x\"}"), 31);
  EXPECT_EQ(StreamColor("{a=\"y\"}"), 92);
}

TEST(ParallelDownloadTest, CutsFromTheFirstEndToBePrinted) {
  TimeSpan span{0, 10};
  auto backward = CutIntoJobs(span, std::chrono::nanoseconds(4), false);
  ASSERT_EQ(backward.size(), 3u);
  EXPECT_EQ(backward[0].start, 6);
  EXPECT_EQ(backward[2].start, 0);
  EXPECT_EQ(backward[2].end, 2);
  auto forward = CutIntoJobs(span, std::chrono::nanoseconds(4), true);
  ASSERT_EQ(forward.size(), 3u);
  EXPECT_EQ(forward[0].end, 4);
  EXPECT_EQ(forward[2].start, 8);
  EXPECT_TRUE(CutIntoJobs({5, 5}, std::chrono::nanoseconds(4), true).empty());
}

TEST(ParallelDownloadTest, PartsBearTheirRange) {
  EXPECT_EQ(PartPath("p", {kTime, kTime + 1200'000000000}),
            "p_20260105T000000_20260105T002000.part");
}

TEST(SyntaxCaretTest, PointsAtTheColumn) {
  EXPECT_EQ(SyntaxCaret("{app=", "parse error at line 1, col 6: syntax error: unexpected $end"),
            "{app=\n     ^\n");
  EXPECT_EQ(SyntaxCaret("{a=\"b\"}\n\t| x", "parse error at line 2, col 4: x"), "\t| x\n\t  ^\n");
  EXPECT_EQ(SyntaxCaret("{}", "parse error at line 9, col 1: x"), "");
  EXPECT_EQ(SyntaxCaret("{}", "out of memory"), "");
}

}  // namespace
}  // namespace skald::cli
