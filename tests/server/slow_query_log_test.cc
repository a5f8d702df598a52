// Which queries are logged as slow, and what their line says.
#include "server/api/slow_query_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/base/log.h"

namespace skald::api {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

std::string logged;

std::string LineFor(const FinishedQuery& query, std::chrono::nanoseconds threshold) {
  logged.clear();
  SetLogSink([](LogLevel, std::string_view line) { logged = line; });
  LogIfSlow(query, threshold);
  SetLogSink(nullptr);
  return logged;
}

TEST(SlowQueryLogTest, ThresholdDecides) {
  const query::QueryParams params;
  const FinishedQuery query{
      .query = "{a=\"b\"}", .type = "limited", .params = params, .duration = milliseconds(50)};
  EXPECT_EQ(LineFor(query, milliseconds(0)), "") << "switched off";
  EXPECT_EQ(LineFor(query, milliseconds(50)), "") << "not longer";
  EXPECT_NE(LineFor(query, milliseconds(49)), "");
  EXPECT_NE(LineFor(query, milliseconds(-1)), "") << "all";
}

TEST(SlowQueryLogTest, SaysWhatWasReadAndSkipped) {
  query::QueryParams params;
  params.tenant = "one";
  params.start = 0;
  params.end = int64_t{3600} * 1'000'000'000;
  params.step = int64_t{60} * 1'000'000'000;
  query::QueryStats stats;
  stats.scan.blocks_read = 3;
  stats.scan.blocks_skipped = 97;
  stats.rows_processed = 1000;
  stats.rows_matched = 7;
  const std::string line = LineFor({.query = "sum(x)",
                                    .type = "metric",
                                    .params = params,
                                    .duration = milliseconds(1500),
                                    .stats = &stats},
                                   milliseconds(1));
  EXPECT_THAT(line, HasSubstr("msg=\"slow query\" org_id=one query=sum(x) query_type=metric "
                              "range_type=range length=1h0m0s step=1m0s"));
  EXPECT_THAT(line, HasSubstr("duration=1.5s queue_time=0s status=200"));
  EXPECT_THAT(line, HasSubstr("blocks_read=3 blocks_skipped=97"));
  EXPECT_THAT(line, HasSubstr("total_lines=1000 "));
  EXPECT_THAT(line, HasSubstr("post_filter_lines=7"));
}

TEST(SlowQueryLogTest, FailedAndLongQueriesHaveALineToo) {
  const query::QueryParams params;
  const std::string text(10'000, 'x');
  const std::string line = LineFor({.query = text,
                                    .type = "filter",
                                    .params = params,
                                    .duration = milliseconds(9),
                                    .status = 504},
                                   milliseconds(1));
  EXPECT_THAT(line, HasSubstr("status=504"));
  EXPECT_LT(line.size(), 3000u);
}

}  // namespace
}  // namespace skald::api
