#include "tools/cli/chart.h"

#include <gtest/gtest.h>

namespace skald::cli {
namespace {

ChartStyle Narrow() { return {40, false, absl::UTCTimeZone()}; }

QueryResponse Matrix(std::vector<MetricSeries> series) {
  QueryResponse response;
  response.type = ResultType::kMatrix;
  response.series = std::move(series);
  return response;
}

TEST(Chart, OneSeriesIsARowForEachStep) {
  EXPECT_EQ(Chart(Matrix({{{{"app", "web"}}, {{0, "4"}, {60, "2"}, {120, "0"}, {180, "NaN"}}}}),
                  Narrow()),
            "{app=\"web\"}\n"
            "1970-01-01 00:00:00  4  ████████████████\n"
            "1970-01-01 00:01:00  2  ████████\n"
            "1970-01-01 00:02:00  0  \n");
}

TEST(Chart, SeveralSeriesAreALineEach) {
  EXPECT_EQ(Chart(Matrix({{{{"app", "a"}}, {{0, "1"}, {60, "2"}}},
                          {{{"app", "b"}}, {{0, "0"}, {60, "8"}}}}),
                  Narrow()),
            "{app=\"b\"}  most 8, last 8\n █\n{app=\"a\"}  most 2, last 2\n▁▂\n");
}

TEST(Chart, AVectorIsSortedByValue) {
  QueryResponse response;
  response.type = ResultType::kVector;
  response.series = {{{{"app", "a"}}, {{0, "1"}}}, {{{"app", "b"}}, {{0, "2"}}}};
  EXPECT_EQ(Chart(response, Narrow()),
            "{app=\"b\"}  2  ██████████████████████████\n{app=\"a\"}  1  █████████████\n");
}

TEST(Chart, ManyStepsAreAveraged) {
  MetricSeries series;
  for (int i = 0; i < 400; ++i) series.samples.push_back({i * 60.0, "3"});
  std::string chart = Chart(Matrix({series}), Narrow());
  EXPECT_EQ(std::count(chart.begin(), chart.end(), '\n'), 41);
}

TEST(Chart, NothingIsSaid) { EXPECT_EQ(Chart(Matrix({}), Narrow()), "no data\n"); }

}  // namespace
}  // namespace skald::cli
