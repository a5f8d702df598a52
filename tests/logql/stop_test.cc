// A query that nobody waits for any more ends at the next block.
#include "storage/base/stop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "storage/base/clock.h"
#include "tests/logql/stores.h"
#include "tests/support/status_matchers.h"

namespace skald::logql_test {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// Every look at the clock takes a nanosecond.
class CountingClock : public Clock {
 public:
  int64_t WallNanos() const override { return 0; }
  int64_t MonotonicNanos() const override { return ++looks_; }

 private:
  mutable std::atomic<int64_t> looks_{0};
};

std::vector<test_support::PlainRow> ManyRows() {
  std::vector<test_support::PlainRow> rows;
  for (int i = 0; i < 4000; ++i) {
    rows.push_back({R"({app="a"})",
                    i * kSecond / 100,
                    StrCat("level=info n=", i, " text=", std::string(1000, 'x')),
                    {}});
  }
  return rows;
}

query::QueryParams Params(const StopToken* stop) {
  query::QueryParams params;
  params.end = 60 * kSecond;
  params.step = 10 * kSecond;
  params.limit = 5000;
  params.stop = stop;
  return params;
}

const std::vector<std::string>& Queries() {
  static const std::vector<std::string> queries = {
      R"({app="a"} | logfmt | n > 5)",
      R"(sum by (level) (count_over_time({app="a"} | logfmt [1m])))",
      R"(quantile_over_time(0.5, {app="a"} | logfmt | unwrap n [1m]) by (level))"};
  return queries;
}

TEST(StopTest, ACancelledQueryStops) {
  Stores stores;
  stores.Add(ManyRows());
  for (const Layout layout : kLayouts) {
    ASSERT_OK_AND_ASSIGN(Store* const store, stores.Get(layout));
    for (const std::string& query : Queries()) {
      StopToken stop;
      stop.RequestStop();
      EXPECT_THAT(store->Run(query, Params(&stop)).status(), StatusIs(absl::StatusCode::kCancelled))
          << query << " over " << NameOf(layout);
    }
  }
}

// The rows fill several blocks: a query that runs looks more than once.
TEST(StopTest, ARunningQueryLooksAgainAndAgain) {
  Stores stores;
  stores.Add(ManyRows());
  for (const Layout layout : {Layout::kParts, Layout::kCompacted}) {
    ASSERT_OK_AND_ASSIGN(Store* const store, stores.Get(layout));
    for (const std::string& query : Queries()) {
      const CountingClock clock;
      const StopToken stop(&clock, 2);
      EXPECT_THAT(store->Run(query, Params(&stop)).status(),
                  StatusIs(absl::StatusCode::kDeadlineExceeded))
          << query << " over " << NameOf(layout);
    }
  }
}

}  // namespace
}  // namespace skald::logql_test
