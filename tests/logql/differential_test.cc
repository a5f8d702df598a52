// The engine against the naive reference evaluator, on made-up rows and queries.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "query/engine/step_grid.h"
#include "query/syntax/parser.h"
#include "storage/model/labels.h"
#include "tests/logql/script.h"
#include "tests/logql/stores.h"
#include "tests/support/query_generator.h"
#include "tests/support/reference_engine.h"

namespace skald::logql_test {
namespace {

using test_support::GenerateRows;
using test_support::PlainRow;
using test_support::QueryGenerator;
using test_support::ReferenceAnswer;
using test_support::ReferenceEngine;
using test_support::ReferenceLabels;
using test_support::ReferenceSeries;

constexpr int64_t kSecond = 1'000'000'000;
constexpr size_t kDataSets = 40;
constexpr size_t kQueriesEach = 260;

std::string LabelText(const ReferenceLabels& labels) {
  std::vector<LabelView> views;
  for (const auto& [name, value] : labels) views.push_back({name, value});
  return LabelsToString(views);
}

// Lines of entries, as `time labels text`.
std::vector<std::string> EntriesOf(const query::LogResult& log) {
  std::vector<std::string> lines;
  for (const query::LogStream& stream : log.streams) {
    for (const query::LogEntry& entry : stream.entries) {
      lines.push_back(StrCat(entry.timestamp, " ", LabelsToString(stream.labels), " ", entry.line));
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}
std::vector<std::string> EntriesOf(const ReferenceAnswer& answer) {
  std::vector<std::string> lines;
  for (const auto& entry : answer.entries) {
    lines.push_back(StrCat(entry.time, " ", LabelText(entry.labels), " ", entry.line));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

// A sample of a series, in an order that equal answers share.
struct Point {
  std::string labels;
  int64_t time;
  double value;
  bool operator<(const Point& other) const {
    return std::tie(labels, time, value) < std::tie(other.labels, other.time, other.value);
  }
};
std::vector<Point> PointsOf(const query::MetricResult& metric) {
  std::vector<Point> points;
  for (const query::MetricSeries& series : metric.series) {
    for (const query::Sample& sample : series.samples) {
      points.push_back({LabelsToString(series.labels), sample.timestamp, sample.value});
    }
  }
  std::sort(points.begin(), points.end());
  return points;
}
std::vector<Point> PointsOf(const ReferenceAnswer& answer, const query::QueryParams& params) {
  const query::StepGrid grid =
      params.instant ? query::StepGrid::Instant(params.end)
                     : query::StepGrid::Aligned(params.start, params.end, params.step);
  std::vector<Point> points;
  for (const ReferenceSeries& series : answer.series) {
    for (size_t step = 0; step < series.values.size(); ++step) {
      if (!series.values[step].has_value()) continue;
      points.push_back({LabelText(series.labels), grid.TimeOf(step), *series.values[step]});
    }
  }
  std::sort(points.begin(), points.end());
  return points;
}

bool SameValue(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b || std::abs(a - b) <= 1e-9 * std::max({1.0, std::abs(a), std::abs(b)});
}

std::string Describe(const std::vector<Point>& points) {
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(points.size(), 40); ++i) {
    StrAppend(&text, "\n  ", points[i].labels, " @", FormatTime(points[i].time), " ",
              points[i].value);
  }
  return text;
}

// True if any of equal values may be in the answer: then only values are compared.
bool KeepsRanked(const query::Query& query) {
  const auto* aggregation = query.metric() == nullptr
                                ? nullptr
                                : std::get_if<query::VectorAggregation>(&query.metric()->node);
  return aggregation != nullptr && (aggregation->op == query::VectorOp::kTopk ||
                                    aggregation->op == query::VectorOp::kBottomk ||
                                    aggregation->op == query::VectorOp::kApproxTopk);
}

void ForgetLabels(std::vector<Point>* points) {
  for (Point& point : *points) point.labels.clear();
  std::sort(points->begin(), points->end());
}

std::string Compare(const ReferenceAnswer& expected, const query::QueryResult& actual,
                    const query::QueryParams& params, bool ranked) {
  if (actual.log() != nullptr) {
    const auto want = EntriesOf(expected);
    const auto got = EntriesOf(*actual.log());
    if (want == got) return "";
    std::string text = "expected";
    for (const std::string& line : want) StrAppend(&text, "\n  ", line);
    text += "\ngot";
    for (const std::string& line : got) StrAppend(&text, "\n  ", line);
    return text;
  }
  auto want = PointsOf(expected, params);
  auto got = PointsOf(*actual.metric());
  if (ranked) {
    ForgetLabels(&want);
    ForgetLabels(&got);
  }
  const bool same = std::equal(
      want.begin(), want.end(), got.begin(), got.end(), [](const Point& a, const Point& b) {
        return a.labels == b.labels && a.time == b.time && SameValue(a.value, b.value);
      });
  return same ? "" : StrCat("expected", Describe(want), "\ngot", Describe(got));
}

class DifferentialTest {
 public:
  explicit DifferentialTest(uint64_t seed)
      : random_(seed), rows_(GenerateRows(&random_, 20 + random_.Below(60))), reference_(rows_) {
    stores_.Add(rows_);
  }

  // False if the two differ; what, is reported.
  bool CheckOneQuery() {
    QueryGenerator generator(&random_);
    const bool log = random_.OneIn(3);
    const std::string text =
        log ? generator.LogQuery() : generator.TopMetricQuery(static_cast<int>(random_.Below(3)));
    const query::QueryParams params = Params(log);
    const StatusOr<query::Query> query = query::ParseQuery(text);
    if (!query.ok()) {
      ADD_FAILURE() << text << "\n" << query.status();
      return false;
    }
    const StatusOr<ReferenceAnswer> expected = reference_.Run(*query, params);
    if (expected.ok() && !(expected->entries.empty() && expected->series.empty())) ++answered_;
    for (const Layout layout : kLayouts) {
      const std::string difference = Check(expected, *query, text, params, layout);
      if (difference.empty()) continue;
      ADD_FAILURE() << text << "\nfrom " << params.start << " to " << params.end << " step "
                    << params.step << " limit " << params.limit << " over " << NameOf(layout)
                    << "\n"
                    << difference;
      return false;
    }
    return true;
  }

  // How many queries had something to answer.
  size_t answered() const { return answered_; }

 private:
  query::QueryParams Params(bool log) {
    query::QueryParams params;
    params.start = random_.Between(-10, 80) * kSecond;
    params.end = params.start + random_.Between(0, 80) * kSecond;
    if (log) {
      params.limit = static_cast<uint32_t>(1 + random_.Below(30));
      params.interval = random_.OneIn(6) ? 5 * kSecond : 0;
      if (random_.OneIn(2)) params.direction = query::Direction::kForward;
      ++params.end;  // an empty range would be a moment
    } else if (random_.OneIn(2)) {
      params.instant = true;
      params.start = params.end;
    } else {
      params.step = random_.Pick(std::vector<int64_t>{5, 15, 30, 40}) * kSecond;
    }
    return params;
  }

  std::string Check(const StatusOr<ReferenceAnswer>& expected, const query::Query& query,
                    const std::string& text, const query::QueryParams& params, Layout layout) {
    const StatusOr<Store*> store = stores_.Get(layout);
    if (!store.ok()) return std::string(Message(store.status()));
    const StatusOr<query::QueryResult> actual = (*store)->Run(text, params);
    if (!expected.ok() || !actual.ok()) {
      if (expected.status().code() == actual.status().code()) return "";
      return StrCat("expected ", expected.status().ToString(), "\ngot ",
                    actual.status().ToString());
    }
    return Compare(*expected, *actual, params, KeepsRanked(query));
  }

  Random random_;
  const std::vector<PlainRow> rows_;
  ReferenceEngine reference_;
  Stores stores_;
  size_t answered_ = 0;
};

// SKALD_SEED=n runs one data set again.
TEST(Differential, EngineAgreesWithTheReference) {
  const char* chosen = std::getenv("SKALD_SEED");
  const uint64_t first = chosen != nullptr ? std::strtoull(chosen, nullptr, 10) : 1;
  const uint64_t last = chosen != nullptr ? first : kDataSets;
  size_t answered = 0;
  for (uint64_t seed = first; seed <= last; ++seed) {
    DifferentialTest test(seed);
    for (size_t i = 0; i < kQueriesEach; ++i) {
      if (!test.CheckOneQuery()) FAIL() << "seed " << seed << ", query " << i;
    }
    answered += test.answered();
  }
  // Empty answers agree too easily; a single data set may be poor.
  if (chosen != nullptr) return;
  EXPECT_GT(answered, (last - first + 1) * kQueriesEach / 3) << "too few queries find anything";
}

}  // namespace
}  // namespace skald::logql_test
