// Who runs next: tenants in turns, and light queries past heavy ones.
#include "server/api/query_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

namespace skald::api {
namespace {

using testing::ElementsAre;

class FairQueueTest : public testing::Test {
 protected:
  bool Push(std::string_view tenant, const std::string& name) {
    return queue_.Push(tenant, [this, name] { order_.push_back(name); });
  }
  void RunAll() {
    while (auto job = queue_.Pop()) (*job)();
  }

  FairQueue queue_{3};
  std::vector<std::string> order_;
};

TEST_F(FairQueueTest, TakesTenantsInTurns) {
  for (const char* name : {"a1", "a2", "a3"}) ASSERT_TRUE(Push("a", name));
  ASSERT_TRUE(Push("b", "b1"));
  ASSERT_TRUE(Push("c", "c1"));
  EXPECT_EQ(queue_.size(), 5u);
  RunAll();
  EXPECT_THAT(order_, ElementsAre("a1", "b1", "c1", "a2", "a3"));
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_F(FairQueueTest, RefusesTheTenantThatHasTooMany) {
  for (const char* name : {"a1", "a2", "a3"}) ASSERT_TRUE(Push("a", name));
  EXPECT_FALSE(Push("a", "a4"));
  EXPECT_TRUE(Push("b", "b1"));
  EXPECT_TRUE(queue_.Pop().has_value());
  EXPECT_TRUE(Push("a", "a4")) << "one of three has been taken";
}

// A job that tells when it runs and then waits until it may end.
struct Gate {
  std::promise<void> running;
  std::promise<void> release;

  QueryPool::Job Job() {
    return [this] {
      running.set_value();
      release.get_future().wait();
    };
  }
  void AwaitRunning() { running.get_future().wait(); }
};

// A job that only tells that it has run.
QueryPool::Job Telling(std::promise<void>* done) {
  return [done] { done->set_value(); };
}

TEST(QueryPoolTest, LightQueriesRunWhileHeavyOnesHoldEveryOtherThread) {
  QueryPool pool({.threads = 2, .light_threads = 1});
  Gate first;
  Gate second;
  std::promise<void> third;
  ASSERT_TRUE(pool.TrySubmit(Lane::kHeavy, "t", first.Job()));
  ASSERT_TRUE(pool.TrySubmit(Lane::kHeavy, "t", second.Job()));
  first.AwaitRunning();
  second.AwaitRunning();
  ASSERT_TRUE(pool.TrySubmit(Lane::kHeavy, "t", Telling(&third)));
  std::promise<void> light;
  ASSERT_TRUE(pool.TrySubmit(Lane::kLight, "t", Telling(&light)));
  light.get_future().wait();
  EXPECT_EQ(pool.queued(), 1u) << "the third heavy one waits, though a thread is free";
  first.release.set_value();
  third.get_future().wait();
  second.release.set_value();
}

TEST(QueryPoolTest, HeavyQueriesGoFirstWhereTheyMayRun) {
  QueryPool pool({.threads = 1, .light_threads = 0});
  Gate gate;
  ASSERT_TRUE(pool.TrySubmit(Lane::kHeavy, "t", gate.Job()));
  gate.AwaitRunning();
  std::vector<std::string> order;
  ASSERT_TRUE(pool.TrySubmit(Lane::kLight, "t", [&] { order.push_back("light"); }));
  ASSERT_TRUE(pool.TrySubmit(Lane::kHeavy, "t", [&] { order.push_back("heavy"); }));
  gate.release.set_value();
  pool.Stop();
  EXPECT_THAT(order, ElementsAre("heavy", "light"));
}

TEST(QueryPoolTest, EveryThreadTakesLightQueriesWhileNoHeavyOneWaits) {
  QueryPool pool({.threads = 2, .light_threads = 1});
  Gate gates[3];
  for (Gate& gate : gates) ASSERT_TRUE(pool.TrySubmit(Lane::kLight, "t", gate.Job()));
  for (Gate& gate : gates) gate.AwaitRunning();
  for (Gate& gate : gates) gate.release.set_value();
}

TEST(QueryPoolTest, RefusesWhenTooManyWait) {
  QueryPool pool({.threads = 1, .light_threads = 0, .max_waiting = 3, .max_waiting_per_tenant = 2});
  Gate gate;
  ASSERT_TRUE(pool.TrySubmit(Lane::kHeavy, "t", gate.Job()));
  gate.AwaitRunning();
  int runs = 0;
  const auto count = [&runs] { ++runs; };
  EXPECT_TRUE(pool.TrySubmit(Lane::kLight, "a", count));
  EXPECT_TRUE(pool.TrySubmit(Lane::kLight, "a", count));
  EXPECT_FALSE(pool.TrySubmit(Lane::kLight, "a", count)) << "too many of one tenant";
  EXPECT_TRUE(pool.TrySubmit(Lane::kHeavy, "a", count));
  EXPECT_FALSE(pool.TrySubmit(Lane::kLight, "b", count)) << "too many in all";
  gate.release.set_value();
  pool.Stop();
  EXPECT_EQ(runs, 3) << "what was queued is run";
  EXPECT_FALSE(pool.TrySubmit(Lane::kLight, "b", count)) << "stopped";
}

}  // namespace
}  // namespace skald::api
