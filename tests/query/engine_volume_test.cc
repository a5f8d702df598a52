// Volumes of streams: how a range is cut into buckets, and what bounds their number.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "query/engine/metadata.h"
#include "storage/base/strings.h"
#include "storage/base/units.h"
#include "storage/row_buffer.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
constexpr int64_t kLast = std::numeric_limits<int64_t>::max();
constexpr int64_t kSecondNanos = 1'000'000'000;

class VolumeTest : public testing::Test {
 protected:
  // A stream with a row of `bytes` at each of the times.
  void Add(const std::string& app, const std::vector<int64_t>& times, size_t bytes = 2048) {
    const std::string line(bytes, 'x');
    std::vector<Row> rows;
    for (const int64_t time : times) rows.push_back({time, line, {}, {}});
    const StreamRows stream{std::make_shared<const Stream>(LabelSet::FromPairs({{"app", app}})),
                            rows};
    rows_.Add({&stream, 1});
  }

  static VolumeParams Between(int64_t start, int64_t end, int64_t step) {
    VolumeParams params;
    params.start = start;
    params.end = end;
    params.step = step;
    return params;
  }

  StatusOr<std::vector<VolumeSeries>> Compute(const VolumeParams& params,
                                              const StopToken* stop = nullptr) {
    return ComputeVolume(*rows_.GetSnapshot("t"), params, stop, &memory_);
  }

  storage::RowBuffer rows_{"t"};
  MemoryBudget memory_{"volumes", 1_MiB};
};

TEST_F(VolumeTest, IndexStatsAreChargedPerStream) {
  for (int i = 0; i < 2000; ++i) Add(StrCat(i), {0}, 1);
  const auto snapshot = rows_.GetSnapshot("t");
  ASSERT_OK_AND_ASSIGN(auto selection, snapshot->Select({}, TimeRange(), nullptr, &memory_));
  const uint64_t selected = memory_.used();
  selection.reset();
  const auto stats = [&] {
    return ComputeIndexStats(*snapshot, {}, TimeRange(), nullptr, &memory_);
  };
  ASSERT_OK_AND_ASSIGN(const IndexStats all, stats());
  EXPECT_EQ(all.streams, 2000u);
  EXPECT_EQ(memory_.used(), 0u);
  Reservation others(&memory_);
  ASSERT_OK(others.Grow(memory_.limit() - selected - 1_KiB));
  EXPECT_THAT(stats(), StatusIs(absl::StatusCode::kResourceExhausted));
}

std::vector<int64_t> TimesOf(const VolumeSeries& series) {
  std::vector<int64_t> times;
  for (const VolumeSample& sample : series.samples) times.push_back(sample.timestamp);
  return times;
}

TEST_F(VolumeTest, BucketsEndWithTime) {
  Add("web", {kLast - 100});
  ASSERT_OK_AND_ASSIGN(auto series, Compute(Between(kLast - 807, kLast, kSecondNanos)));
  ASSERT_THAT(series, SizeIs(1));
  EXPECT_THAT(TimesOf(series[0]), ElementsAre(kLast));
  ASSERT_OK_AND_ASSIGN(series, Compute(Between(0, kLast, kLast / 2)));
  ASSERT_THAT(series, SizeIs(1));
  EXPECT_EQ(series[0].total, 2048U);
}

TEST_F(VolumeTest, BucketsBeginWithTime) {
  Add("web", {kFirst + 1});
  ASSERT_OK_AND_ASSIGN(const auto series, Compute(Between(kFirst, kFirst + 2, 1)));
  ASSERT_THAT(series, SizeIs(1));
  EXPECT_EQ(series[0].total, 2048U);
}

TEST_F(VolumeTest, AllOfTimeIsOneBucket) {
  Add("web", {kFirst + 1, 0, kLast - 1}, 4096);
  ASSERT_OK_AND_ASSIGN(const auto series, Compute(Between(kFirst, kLast, 0)));
  ASSERT_THAT(series, SizeIs(1));
  EXPECT_EQ(series[0].total, 3 * 4096U);
}

TEST_F(VolumeTest, BucketsBeforeTheEpochAreCutAtMultiplesToo) {
  Add("web", {-15 * kSecondNanos, -5 * kSecondNanos, 5 * kSecondNanos}, 1 << 20);
  ASSERT_OK_AND_ASSIGN(const auto series,
                       Compute(Between(-15 * kSecondNanos, 8 * kSecondNanos, 10 * kSecondNanos)));
  ASSERT_THAT(series, SizeIs(1));
  constexpr int64_t kMillisecond = 1'000'000;
  EXPECT_THAT(TimesOf(series[0]),
              ElementsAre(-10 * kSecondNanos - kMillisecond, -kMillisecond, 8 * kSecondNanos));
}

TEST_F(VolumeTest, MoreGroupsThanAllowedAreRefusedBeforeTheyTakeMemory) {
  for (int i = 0; i < 50; ++i) Add(StrCat("app", i), {1});
  VolumeParams params = Between(0, 10'000, 1);  // of 80 KB a group
  params.max_series = 10;
  EXPECT_THAT(Compute(params),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("hit the max number of series limit (limit: 10 series)")));
}

TEST_F(VolumeTest, GroupsAreCharged) {
  for (int i = 0; i < 50; ++i) Add(StrCat("app", i), {1});
  EXPECT_THAT(Compute(Between(0, 10'000, 1)), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_OK(Compute(Between(0, 10, 1)));
  EXPECT_EQ(memory_.used(), 0U);
}

TEST_F(VolumeTest, CountsPerStreamAreCharged) {
  for (int i = 0; i < 50; ++i) Add(StrCat("app", i), {1});
  constexpr int64_t kStretch = 7200 * kSecondNanos;
  VolumeParams params = Between(0, 800 * kStretch, kStretch);
  params.matchers.push_back(*Matcher::Create("cluster", MatchOp::kEqual, ""));  // one group
  EXPECT_THAT(Compute(params), StatusIs(absl::StatusCode::kResourceExhausted));
  params.end = 80 * kStretch;
  EXPECT_OK(Compute(params));
  EXPECT_EQ(memory_.used(), 0U);
}

TEST_F(VolumeTest, TheLargestGroupsAreTold) {
  Add("a", {1}, 1024);
  Add("b", {1}, 4096);
  Add("c", {1}, 4096);
  VolumeParams params = Between(0, 10, 10);
  params.limit = 2;
  params.matchers.push_back(*Matcher::Create("app", MatchOp::kRegex, ".+"));
  ASSERT_OK_AND_ASSIGN(const auto series, Compute(params));
  ASSERT_THAT(series, SizeIs(2));
  EXPECT_EQ(series[0].labels.ToString(), R"({app="b"})");
  EXPECT_EQ(series[1].labels.ToString(), R"({app="c"})");
}

TEST_F(VolumeTest, StopsWhenAsked) {
  Add("web", {1});
  StopToken stop;
  stop.RequestStop();
  EXPECT_THAT(Compute(Between(0, 10, 1), &stop), StatusIs(absl::StatusCode::kCancelled));
}

}  // namespace
}  // namespace skald::query
