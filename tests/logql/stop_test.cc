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

// Whether a query does with a quarter of the work that looking at every line is.
bool DoesWithLittleWork(Store& store, const std::string& query, uint32_t limit) {
  StopToken stop;
  stop.Allow(1 << 20);
  query::QueryParams params = Params(&stop);
  params.limit = limit;
  const Status status = store.Run(query, params).status();
  if (status.ok()) return true;
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kAborted)) << query;
  EXPECT_TRUE(stop.overspent()) << query;
  return false;
}

TEST(StopTest, WorkIsCounted) {
  Stores stores;
  stores.Add(ManyRows());
  for (const Layout layout : kLayouts) {
    ASSERT_OK_AND_ASSIGN(Store* const store, stores.Get(layout));
    for (const std::string& query : Queries()) {
      EXPECT_FALSE(DoesWithLittleWork(*store, query, 5000)) << query << " over " << NameOf(layout);
    }
    EXPECT_FALSE(DoesWithLittleWork(*store, R"({app="a"} |~ "n=[0-9]{6}")", 10)) << NameOf(layout);
    const std::vector<std::string> light = {R"({app="a"})", R"({app="a"} | logfmt | n > 5)",
                                            R"(sum(count_over_time({app="a"}[1m])))"};
    for (const std::string& query : light) {
      EXPECT_TRUE(DoesWithLittleWork(*store, query, 10)) << query << " over " << NameOf(layout);
    }
  }
}

}  // namespace
}  // namespace skald::logql_test
