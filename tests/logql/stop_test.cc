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

// Whether a query does with so much work; by default a quarter of what looking at every line is.
bool DoesWithLittleWork(Store& store, const std::string& query, uint32_t limit,
                        uint64_t work = 1 << 20) {
  StopToken stop;
  stop.Allow(work);
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

// `text` so many times, `between` between them.
std::string Times(size_t times, std::string_view text, std::string_view between) {
  std::string all;
  for (size_t i = 0; i < times; ++i) StrAppend(&all, i == 0 ? "" : between, text);
  return all;
}

// Few lines are much work for many filters, conditions or names.
TEST(StopTest, WorkGrowsWithTheQuery) {
  constexpr uint64_t kAllowed = 4 << 20;
  std::vector<test_support::PlainRow> rows = ManyRows();
  rows.resize(400);
  for (test_support::PlainRow& row : rows) row.line.resize(100);
  Stores stores;
  stores.Add(rows);
  std::string names = "n";
  for (int i = 0; i < 5000; ++i) StrAppend(&names, ", n", i);
  const auto filters = [](size_t count) {
    return StrCat(R"({app="a"} )", Times(count, R"(!~ "z[0-9]")", " "));
  };
  const auto conditions = [](size_t count) {
    return StrCat(R"({app="a"} | logfmt | )", Times(count, R"(level!="info")", " or "));
  };
  const auto grouped = [](std::string_view by) {
    return StrCat("sum by (", by, R"X() (count_over_time({app="a"} | logfmt [1m])))X");
  };
  for (const Layout layout : {Layout::kMemtable, Layout::kParts, Layout::kCompacted}) {
    ASSERT_OK_AND_ASSIGN(Store* const store, stores.Get(layout));
    for (const std::string& query : {filters(2), conditions(2), grouped("level")}) {
      EXPECT_TRUE(DoesWithLittleWork(*store, query, 5000, kAllowed))
          << query << " over " << NameOf(layout);
    }
    EXPECT_FALSE(DoesWithLittleWork(*store, filters(200), 5000, kAllowed)) << NameOf(layout);
    EXPECT_FALSE(DoesWithLittleWork(*store, conditions(500), 5000, kAllowed)) << NameOf(layout);
    EXPECT_FALSE(DoesWithLittleWork(*store, grouped(names), 5000, kAllowed)) << NameOf(layout);
  }
}

}  // namespace
}  // namespace skald::logql_test
