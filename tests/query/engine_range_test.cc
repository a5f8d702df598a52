// Windows and range functions against their definitions, sample by sample.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "query/engine/pane_states.h"
#include "query/engine/range_function.h"
#include "query/engine/windows.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

using testing::ElementsAre;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(StepGridTest, AlignsStartDownAndEndUp) {
  const StepGrid grid = StepGrid::Aligned(7, 99, 15);
  EXPECT_EQ(grid.start, 0);
  EXPECT_EQ(grid.count, 8U);
  EXPECT_EQ(grid.TimeOf(7), 105);
  EXPECT_EQ(StepGrid::Aligned(30, 60, 15).count, 3U);
  EXPECT_EQ(StepGrid::Aligned(-7, -7, 15).start, -15);
  EXPECT_EQ(StepGrid::Aligned(-7, -7, 15).count, 2U);
}

TEST(StepGridTest, SaturatesAtTheEndOfTime) {
  const int64_t last = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(StepGrid::Aligned(last - 1, last, 10).TimeOf(5), last);
}

TEST(WindowsTest, BordersAreOpenBelowAndClosedAbove) {
  const Windows windows({100, 10, 2}, 10, 0);  // (90, 100], (100, 110]
  EXPECT_EQ(windows.PaneOf(90, 0), kNoPane);
  EXPECT_EQ(windows.PaneOf(91, 0), 0U);
  EXPECT_EQ(windows.PaneOf(100, 1), 0U);
  EXPECT_EQ(windows.PaneOf(101, 0), 1U);
  EXPECT_EQ(windows.PaneOf(110, 0), 1U);
  EXPECT_EQ(windows.PaneOf(111, 1), kNoPane);
  EXPECT_EQ(windows.span(), (TimeRange{91, 111}));
}

TEST(WindowsTest, AtMostTwoPanesAStep) {
  const Windows windows({1000, 7, 500}, 95, 0);
  EXPECT_LE(windows.panes(), 2 * windows.steps());
}

TEST(WindowsTest, GapsBetweenWindowsAreNoPanes) {
  const Windows windows({100, 50, 3}, 10, 0);  // (90, 100], (140, 150], (190, 200]
  EXPECT_EQ(windows.PaneOf(120, 0), kNoPane);
  EXPECT_TRUE(windows.Overlap(95, 96));
  EXPECT_TRUE(windows.Overlap(101, 141));
  EXPECT_FALSE(windows.Overlap(101, 140));
  EXPECT_FALSE(windows.Overlap(0, 90));
  EXPECT_FALSE(windows.Overlap(201, 500));
}

TEST(WindowsTest, OffsetsMoveTheWindowsNotTheSteps) {
  EXPECT_EQ(Windows({100, 0, 1}, 10, 30).span(), (TimeRange{61, 71}));
  EXPECT_EQ(Windows({100, 0, 1}, 10, -30).span(), (TimeRange{121, 131}));
}

TEST(WindowsTest, EmptyAndEndlessWindows) {
  EXPECT_EQ(Windows({100, 10, 3}, 0, 0).PaneOf(100, 0), kNoPane);
  const int64_t most = std::numeric_limits<int64_t>::max();
  const Windows endless({100, 10, 2}, most, most);
  EXPECT_EQ(endless.PaneOf(100, 0), kNoPane);
}

// ---- Range functions
// -----------------------------------------------------------------------------

struct TestSample {
  int64_t time;
  double value;
};

std::vector<double> Values(const std::vector<TestSample>& window) {
  std::vector<double> values;
  for (const TestSample& sample : window) values.push_back(sample.value);
  return values;
}

double Mean(const std::vector<double>& values) {
  double mean = 0;
  double count = 0;
  for (const double value : values) {
    ++count;
    mean += value / count - mean / count;
  }
  return mean;
}

double Variance(const std::vector<double>& values) {
  const double mean = Mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(values.size());
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const double rank = 0.5 * static_cast<double>(values.size() - 1);
  const auto low = static_cast<size_t>(std::floor(rank));
  const size_t high = std::min(low + 1, values.size() - 1);
  const double weight = rank - std::floor(rank);
  return values[low] * (1 - weight) + values[high] * weight;
}

double Sum(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

// The value of a window by definition. REQUIRES: samples in time order, at least one.
double Naive(RangeOp op, const std::vector<TestSample>& window, double seconds) {
  const std::vector<double> values = Values(window);
  switch (op) {
    case RangeOp::kCountOverTime:
      return Sum(values);  // every row counts for one
    case RangeOp::kBytesRate:
    case RangeOp::kRate:
      return Sum(values) / seconds;
    case RangeOp::kSumOverTime:
      return Sum(values);
    case RangeOp::kAvgOverTime:
      return Mean(values);
    case RangeOp::kMinOverTime:
      return *std::min_element(values.begin(), values.end());
    case RangeOp::kMaxOverTime:
      return *std::max_element(values.begin(), values.end());
    case RangeOp::kStdvarOverTime:
      return Variance(values);
    case RangeOp::kStddevOverTime:
      return std::sqrt(Variance(values));
    case RangeOp::kQuantileOverTime:
      return Median(values);
    case RangeOp::kFirstOverTime:
      return values.front();
    case RangeOp::kLastOverTime:
      return values.back();
    default:
      return kNaN;
  }
}

RangeAggregation Aggregation(RangeOp op, int64_t range) {
  RangeAggregation aggregation;
  aggregation.op = op;
  aggregation.range.range_nanos = range;
  aggregation.range.unwrap.emplace();
  aggregation.parameter = 0.5;
  return aggregation;
}

// Feeds samples to a function as `units` scan units and returns the series' values.
StepValues Evaluate(const RangeAggregation& aggregation, const Windows& windows,
                    const std::vector<std::vector<TestSample>>& units) {
  MemoryBudget budget("test", uint64_t{1} << 30);
  MemoryCharge charge(&budget);
  const auto function = NewRangeFunction(aggregation, windows, &charge);
  for (size_t arrival = 0; arrival < units.size(); ++arrival) {
    const auto unit = function->NewUnit(arrival);
    for (const TestSample& sample : units[arrival]) {
      const uint32_t pane = windows.PaneOf(sample.time, 0);
      if (pane == kNoPane) continue;
      const uint32_t series = 1;
      unit->Add({{&series, 1}, {&pane, 1}, {&sample.time, 1}, {&sample.value, 1}});
    }
    EXPECT_OK(function->Merge(*unit));
  }
  StepValues values(windows.steps());
  StopPacer pacer(nullptr);
  EXPECT_OK(function->Evaluate(1, &pacer, &values));
  return values;
}

const std::vector<RangeOp> kFunctions = {
    RangeOp::kCountOverTime,    RangeOp::kBytesRate,      RangeOp::kRate,
    RangeOp::kSumOverTime,      RangeOp::kAvgOverTime,    RangeOp::kMinOverTime,
    RangeOp::kMaxOverTime,      RangeOp::kStdvarOverTime, RangeOp::kStddevOverTime,
    RangeOp::kQuantileOverTime, RangeOp::kFirstOverTime,  RangeOp::kLastOverTime,
};

TEST(RangeFunctionTest, AgreesWithTheDefinitionOverRandomUnits) {
  Random random(7);
  for (int round = 0; round < 600; ++round) {
    const RangeOp op = random.Pick(kFunctions);
    const int64_t range = random.Between(0, 300);
    const int64_t offset = random.Between(-50, 50);
    const StepGrid grid{random.Between(0, 200), random.Between(1, 120), 1 + random.Below(200)};
    const Windows windows(grid, range, offset);
    std::vector<std::vector<TestSample>> units(1 + random.Below(4));
    std::vector<TestSample> all;
    const int64_t length = random.Between(1, 5000);
    for (size_t i = random.Below(300); i > 0; --i) {
      const double value = op == RangeOp::kCountOverTime || op == RangeOp::kBytesRate
                               ? static_cast<double>(random.Below(1000))
                               : static_cast<double>(random.Between(-4000, 4000)) / 8;
      // Distinct times: ties are decided by arrival, which another test looks at.
      const int64_t time = random.Between(-400, length);
      if (std::any_of(all.begin(), all.end(), [&](auto& s) { return s.time == time; })) continue;
      all.push_back({time, value});
      units[random.Below(units.size())].push_back(all.back());
    }
    const auto by_time = [](const TestSample& a, const TestSample& b) { return a.time < b.time; };
    std::sort(all.begin(), all.end(), by_time);
    for (auto& unit : units) std::sort(unit.begin(), unit.end(), by_time);

    const RangeAggregation aggregation = Aggregation(op, range);
    const StepValues values = Evaluate(aggregation, windows, units);
    for (size_t step = 0; step < grid.count; ++step) {
      const int64_t end = grid.TimeOf(step) - offset;
      std::vector<TestSample> window;
      for (const TestSample& sample : all) {
        if (end - range < sample.time && sample.time <= end) window.push_back(sample);
      }
      ASSERT_EQ(values.Has(step), !window.empty()) << "round " << round << " step " << step;
      if (window.empty()) continue;
      const double expected = Naive(op, window, static_cast<double>(range) / 1e9);
      ASSERT_NEAR(values[step], expected, 1e-9 * std::max(1.0, std::abs(expected)))
          << "round " << round << " step " << step << " op " << static_cast<int>(op);
    }
  }
}

std::vector<double> WindowValues(RangeOp op, const std::vector<TestSample>& samples, int64_t range,
                                 const StepGrid& grid) {
  const StepValues values = Evaluate(Aggregation(op, range), Windows(grid, range, 0), {samples});
  std::vector<double> result;
  for (size_t step = 0; step < grid.count; ++step) {
    result.push_back(values.Has(step) ? values[step] : -1);
  }
  return result;
}

// The sum and the mean of values in another order, as if they came from several parts.
template <typename State>
double ValueOfShuffled(std::vector<double> values, Random* random) {
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random->Below(i)]);
  State all;
  State part;
  for (const double value : values) {
    part.Add(0, value, 0);
    if (!random->OneIn(10)) continue;
    all.Merge(part);
    part = State();
  }
  all.Merge(part);
  return all.Value(1);
}

TEST(PaneStatesTest, SumsAndMeansDoNotShowTheOrderOfRows) {
  Random random(8);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> values;
    for (int i = 0; i < 300; ++i) {
      values.push_back(static_cast<double>(random.Below(1'000'000)) / (i % 3 == 0 ? 1e9 : 1e3));
    }
    const double sum = ValueOfShuffled<SumState<false>>(values, &random);
    const double mean = ValueOfShuffled<MeanState>(values, &random);
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(ValueOfShuffled<SumState<false>>(values, &random), sum);
      EXPECT_EQ(ValueOfShuffled<MeanState>(values, &random), mean);
    }
  }
}

TEST(PaneStatesTest, MeansOfTheLargestAndOfInfinities) {
  Random random(9);
  const double most = std::numeric_limits<double>::max();

  EXPECT_EQ(ValueOfShuffled<MeanState>({most, most, most}, &random), most);
  EXPECT_EQ(ValueOfShuffled<MeanState>({1e-310, 3e-310}, &random), 2e-310);
  EXPECT_EQ(ValueOfShuffled<SumState<false>>({most, most}, &random), kInfinity);
  EXPECT_EQ(ValueOfShuffled<MeanState>({1, kInfinity, -5}, &random), kInfinity);
  EXPECT_TRUE(std::isnan(ValueOfShuffled<MeanState>({-kInfinity, kInfinity}, &random)));
}

TEST(RangeFunctionTest, AnInfinityLeavesWithItsPane) {
  const StepGrid grid{10, 10, 4};
  const std::vector<TestSample> samples = {{5, 1}, {15, kInfinity}, {25, 3}, {35, 4}};
  EXPECT_THAT(WindowValues(RangeOp::kSumOverTime, samples, 20, grid),
              ElementsAre(1, kInfinity, kInfinity, 7));
  EXPECT_THAT(WindowValues(RangeOp::kAvgOverTime, samples, 20, grid),
              ElementsAre(1, kInfinity, kInfinity, 3.5));
}

TEST(RangeFunctionTest, NaNIsNoExtremeWhileThereIsANumber) {
  const StepGrid grid{10, 10, 3};
  const std::vector<TestSample> samples = {{5, kNaN}, {6, 2}, {15, kNaN}, {25, -1}};
  const std::vector<double> least = WindowValues(RangeOp::kMinOverTime, samples, 10, grid);
  EXPECT_EQ(least[0], 2);
  EXPECT_TRUE(std::isnan(least[1]));
  EXPECT_EQ(least[2], -1);
  EXPECT_THAT(WindowValues(RangeOp::kMaxOverTime, samples, 20, grid), ElementsAre(2, 2, -1));
}

TEST(RangeFunctionTest, OfEqualTimesTheFirstIsTheFirstToArrive) {
  const Windows windows({10, 0, 1}, 10, 0);
  const std::vector<std::vector<TestSample>> units = {{{5, 1}, {5, 2}}, {{5, 3}}};
  EXPECT_EQ(Evaluate(Aggregation(RangeOp::kFirstOverTime, 10), windows, units)[0], 1);
  EXPECT_EQ(Evaluate(Aggregation(RangeOp::kLastOverTime, 10), windows, units)[0], 3);
}

TEST(RangeFunctionTest, QuantilesBeyondTheRange) {
  RangeAggregation aggregation = Aggregation(RangeOp::kQuantileOverTime, 10);
  const Windows windows({10, 0, 1}, 10, 0);
  const std::vector<std::vector<TestSample>> units = {{{4, 1}, {5, 2}, {6, 3}}};
  aggregation.parameter = 2;
  EXPECT_EQ(Evaluate(aggregation, windows, units)[0], kInfinity);
  aggregation.parameter = 1;
  EXPECT_EQ(Evaluate(aggregation, windows, units)[0], 3);
  aggregation.parameter = 0;
  EXPECT_EQ(Evaluate(aggregation, windows, units)[0], 1);
  aggregation.parameter = 0.75;
  EXPECT_EQ(Evaluate(aggregation, windows, units)[0], 2.5);
}

TEST(RangeFunctionTest, CounterRateMixesUnitsAsLokiDoes) {
  constexpr int64_t kSeconds = 1'000'000'000;
  const int64_t range = 60 * kSeconds;
  const Windows windows({60 * kSeconds, 0, 1}, range, 0);
  const auto rate = [&](std::vector<TestSample> samples) {
    return Evaluate(Aggregation(RangeOp::kRateCounter, range), windows, {std::move(samples)})[0];
  };
  EXPECT_NEAR(rate({{5 * kSeconds, 7}, {55 * kSeconds, 12}}), 0.08333343333333333, 1e-15);
  EXPECT_EQ(rate({{5 * kSeconds, 7}}), 0);
  // A reset adds what was counted before it: 7, 10, then 2 after a restart is an increase of 5.
  EXPECT_NEAR(rate({{5 * kSeconds, 7}, {30 * kSeconds, 10}, {55 * kSeconds, 2}}),
              0.08333343333333333, 1e-15);
}

TEST(RangeFunctionTest, PanesAreChargedBeforeTheyExist) {
  MemoryBudget budget("test", 1000);
  MemoryCharge charge(&budget);
  const RangeAggregation aggregation = Aggregation(RangeOp::kSumOverTime, 10);
  const Windows windows({10, 10, 1000}, 10, 0);
  const auto function = NewRangeFunction(aggregation, windows, &charge);
  const auto unit = function->NewUnit(0);
  const uint32_t series = 0;
  const uint32_t pane = 500;
  const int64_t time = 5005;
  const double value = 1;
  unit->Add({{&series, 1}, {&pane, 1}, {&time, 1}, {&value, 1}});
  EXPECT_THAT(function->Merge(*unit), StatusIs(absl::StatusCode::kResourceExhausted));
}

// Windows that overlap have many more samples between them than there are.
TEST(RangeFunctionTest, AStopEndsTheEvaluationOfOneSeries) {
  constexpr size_t kSteps = 10000;
  constexpr uint32_t kSamples = 1000;
  MemoryBudget budget("test", 1 << 20);
  MemoryCharge charge(&budget);
  StopToken stop;
  stop.RequestStop();
  for (const RangeOp op : {RangeOp::kQuantileOverTime, RangeOp::kRateCounter}) {
    const RangeAggregation aggregation = Aggregation(op, 10000);
    const Windows windows({0, 1, kSteps}, 10000, 0);
    const auto function = NewRangeFunction(aggregation, windows, &charge);
    const auto unit = function->NewUnit(0);
    for (uint32_t i = 0; i < kSamples; ++i) {
      const uint32_t series = 0;
      const int64_t time = i - int64_t{kSamples};
      const uint32_t pane = windows.PaneOf(time, 0);
      const double value = i;
      unit->Add({{&series, 1}, {&pane, 1}, {&time, 1}, {&value, 1}});
    }
    ASSERT_OK(function->Merge(*unit));
    StepValues values(kSteps);
    StopPacer pacer(&stop);
    EXPECT_THAT(function->Evaluate(0, &pacer, &values), StatusIs(absl::StatusCode::kCancelled));
    EXPECT_TRUE(values.Has(0));
    EXPECT_FALSE(values.Has(kSteps / 10));
  }
}

}  // namespace
}  // namespace skald::query
