// What arrives for tails: in slices of bounded size, and to the tails of all tenants in turns.
#include "server/api/tail_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "query/syntax/parser.h"
#include "storage/base/guarded.h"

namespace skald::api {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

StreamPtr StreamOf(std::string app) {
  return std::make_shared<const Stream>(LabelSet::FromPairs({{"app", std::move(app)}}));
}

// So many rows of one line.
std::vector<Row> Rows(size_t count, std::string_view line) {
  std::vector<Row> rows;
  for (size_t i = 0; i < count; ++i) rows.push_back({static_cast<int64_t>(i), line, {}, {}});
  return rows;
}

TEST(TailArrivalsTest, AreCutIntoSlices) {
  const std::string line(1000, 'x');
  const std::vector<Row> rows = Rows(3000, line);
  TailArrivals arrivals("t", nullptr);
  arrivals.Add({StreamOf("a"), rows});
  const auto slices = arrivals.TakeSlices();
  EXPECT_THAT(slices, SizeIs(3));
  for (const auto& slice : slices) {
    EXPECT_LT(slice->bytes, TailArrivals::kSliceBytes + 2 * line.size());
  }
  EXPECT_THAT(arrivals.TakeDropped(), SizeIs(0));
  EXPECT_EQ(arrivals.bytes(), 0u);
  EXPECT_THAT(arrivals.TakeSlices(), SizeIs(0));
}

TEST(TailArrivalsTest, WhatFindsNoRoomIsNamed) {
  const std::string line(1000, 'x');
  const std::vector<Row> rows = Rows(3000, line);
  MemoryBudget memory("tails", 2 * TailArrivals::kSliceBytes + 10'000);
  TailArrivals arrivals("t", &memory);
  arrivals.Add({StreamOf("a"), rows});
  EXPECT_THAT(arrivals.TakeDropped(), SizeIs(rows.size() - 2 * (rows.size() / 3 + 1)))
      << "two slices found room";
  auto slices = arrivals.TakeSlices();
  EXPECT_GT(memory.used(), TailArrivals::kSliceBytes);
  slices.clear();
  EXPECT_EQ(memory.used(), 0u) << "given back with the slices";
}

// The order in which tails have had their turns; a promise is kept once there were `expected`.
class Turns {
 public:
  explicit Turns(size_t expected) : expected_(expected) {}
  void Note(const std::string& name) {
    auto names = names_.Lock();
    if (!names->empty() && names->back() == name) return;
    names->push_back(name);
    if (names->size() == expected_) done_.set_value();
  }
  std::vector<std::string> Await() {
    done_.get_future().wait();
    return *names_.Lock();
  }

 private:
  const size_t expected_;
  Guarded<std::vector<std::string>> names_;
  std::promise<void> done_;
};

// A clock that calls a function whenever a tail looks at it, as a tail does in its turn.
class TellingClock final : public Clock {
 public:
  explicit TellingClock(std::function<void()> tell) : tell_(std::move(tell)) {}
  int64_t WallNanos() const override { return 0; }
  int64_t MonotonicNanos() const override {
    tell_();
    return 0;
  }

 private:
  const std::function<void()> tell_;
};

std::shared_ptr<Tail> TailOf(const std::string& tenant, const Clock* clock,
                             int64_t deadline_nanos = std::numeric_limits<int64_t>::max()) {
  TailOptions options;
  options.tenant = tenant;
  options.query = *query::ParseQuery(R"({app="a"})");
  options.deadline_nanos = deadline_nanos;
  options.clock = clock;
  return std::make_shared<Tail>(std::move(options));
}

TEST(TailHubTest, TenantsTakeTurns) {
  Turns turns(6);
  // Holds the hub's thread until all tails are there.
  std::promise<void> holding;
  std::promise<void> release;
  std::once_flag once;
  const TellingClock gate([&] {
    std::call_once(once, [&] {
      holding.set_value();
      release.get_future().wait();
    });
  });
  std::vector<std::unique_ptr<TellingClock>> clocks;
  MetricsRegistry metrics("loki");
  TailHub hub(nullptr, &metrics);
  ASSERT_TRUE(hub.Add(TailOf("gate", &gate), 0).ok());
  holding.get_future().wait();
  for (const std::string name : {"a1", "a2", "a3", "b1", "b2", "b3"}) {
    clocks.push_back(std::make_unique<TellingClock>([&turns, name] { turns.Note(name); }));
    ASSERT_TRUE(hub.Add(TailOf(name.substr(0, 1), clocks.back().get()), 0).ok());
  }
  release.set_value();
  const std::vector<std::string> names = turns.Await();
  std::vector<char> tenants;
  for (size_t i = 0; i < 6; ++i) tenants.push_back(names[i][0]);
  EXPECT_THAT(tenants, testing::AnyOf(ElementsAre('a', 'b', 'a', 'b', 'a', 'b'),
                                      ElementsAre('b', 'a', 'b', 'a', 'b', 'a')));
}

TEST(TailTest, DropsWhatMemoryDoesNotSufficeFor) {
  bool is_out = false;
  const TellingClock clock([&is_out] {
    if (std::exchange(is_out, false)) throw std::bad_alloc();
  });
  const std::shared_ptr<Tail> tail = TailOf("t", &clock);
  tail->Begin({});
  const std::vector<Row> rows = Rows(2, "line");
  const StreamRows stored{StreamOf("a"), rows};
  storage::RowBuffer arrived("t");
  arrived.Add({&stored, 1});
  is_out = true;
  tail->Deliver(&arrived, {});
  const auto labels = std::make_shared<const std::string>(R"({"app":"a"})");
  const DroppedEntry dropped[] = {{0, labels}, {1, labels}};
  EXPECT_EQ(tail->NextMessage(), TailMessage({}, dropped, {}));
  EXPECT_FALSE(tail->Ending().has_value());
  tail->Deliver(&arrived, {});
  EXPECT_THAT(tail->NextMessage().value_or(""), testing::HasSubstr("line"));
}

TEST(TailTest, EndsInTimeThoughMemoryDoesNotSuffice) {
  bool is_out = true;
  const TellingClock clock([&is_out] {
    if (std::exchange(is_out, false)) throw std::bad_alloc();
  });
  const std::shared_ptr<Tail> tail = TailOf("t", &clock, /*deadline_nanos=*/0);
  tail->Deliver(nullptr, {});
  ASSERT_TRUE(tail->Ending().has_value());
  EXPECT_EQ(tail->Ending()->reason, "reached tail max duration limit");
}

TEST(TailHubTest, OutlivesTurnsThatRunOutOfMemory) {
  std::promise<void> done;
  int looks = 0;  // two a turn, of which the first fails
  const TellingClock clock([&] {
    if (++looks % 2 == 0) return;
    if (looks == 5) done.set_value();
    throw std::bad_alloc();
  });
  MetricsRegistry metrics("loki");
  TailHub hub(nullptr, &metrics);
  ASSERT_TRUE(hub.Add(TailOf("t", &clock), 0).ok());
  done.get_future().wait();
}

}  // namespace
}  // namespace skald::api
