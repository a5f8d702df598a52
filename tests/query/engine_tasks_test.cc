// Ordered tasks and the best rows of a log query.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <new>
#include <vector>

#include "query/engine/ordered_tasks.h"
#include "query/engine/top_rows.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::query {
namespace {

using testing::HasSubstr;

struct Number : TaskResult {
  explicit Number(size_t n) : value(n) {}
  size_t value;
};

// Runs `count` tasks that give their number; those in `failing` fail. Returns what was merged.
Status RunNumbers(ThreadPool* pool, size_t workers, size_t count,
                  const std::vector<size_t>& failing, std::vector<size_t>* merged) {
  OrderedTasks tasks;
  tasks.count = count;
  tasks.run = [&](size_t, size_t task) -> StatusOr<std::unique_ptr<TaskResult>> {
    if (std::count(failing.begin(), failing.end(), task) > 0) {
      return Internal(StrCat("task ", task));
    }
    return std::make_unique<Number>(task);
  };
  tasks.merge = [&](size_t task, std::unique_ptr<TaskResult> result) {
    EXPECT_EQ(static_cast<Number&>(*result).value, task);
    merged->push_back(task);
    return absl::OkStatus();
  };
  return RunOrdered(pool, workers, std::move(tasks));
}

TEST(OrderedTasksTest, MergesInOrderWhateverThePool) {
  ThreadPool pool("test", 3, 100);
  for (const size_t workers : {size_t{1}, size_t{2}, size_t{4}}) {
    std::vector<size_t> merged;
    ASSERT_OK(RunNumbers(&pool, workers, 500, {}, &merged));
    ASSERT_EQ(merged.size(), 500U);
    EXPECT_TRUE(std::is_sorted(merged.begin(), merged.end()));
  }
}

TEST(OrderedTasksTest, RunsOnTheCallerWhenThePoolIsFull) {
  ThreadPool pool("test", 1, 0);
  std::vector<size_t> merged;
  ASSERT_OK(RunNumbers(&pool, 4, 50, {}, &merged));
  EXPECT_EQ(merged.size(), 50U);
}

TEST(OrderedTasksTest, NothingToDo) {
  std::vector<size_t> merged;
  EXPECT_OK(RunNumbers(nullptr, 1, 0, {}, &merged));
}

TEST(OrderedTasksTest, TheLowestFailureWins) {
  ThreadPool pool("test", 3, 100);
  for (int round = 0; round < 100; ++round) {
    std::vector<size_t> merged;
    const Status status = RunNumbers(&pool, 4, 60, {31, 30, 35, 59}, &merged);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal, "task 30"));
    EXPECT_LE(merged.size(), 30U);
  }
}

TEST(OrderedTasksTest, AFailedMergeStopsTheRun) {
  OrderedTasks tasks;
  tasks.count = 100;
  std::atomic<int> started = 0;
  tasks.run = [&](size_t, size_t) -> StatusOr<std::unique_ptr<TaskResult>> {
    ++started;
    return nullptr;
  };
  tasks.merge = [&](size_t task, std::unique_ptr<TaskResult>) {
    return task == 3 ? Internal("merge") : absl::OkStatus();
  };
  EXPECT_THAT(RunOrdered(nullptr, 1, std::move(tasks)),
              StatusIs(absl::StatusCode::kInternal, "merge"));
  EXPECT_EQ(started, 4);
}

// Throws for one of the tasks, and fails if any runs after the end.
Status RunThrowing(ThreadPool* pool, std::function<void(size_t)> in_run,
                   std::function<void(size_t)> in_merge) {
  const auto running = std::make_shared<std::atomic<bool>>(true);
  OrderedTasks tasks;
  tasks.count = 60;
  tasks.run = [&, running](size_t, size_t task) -> StatusOr<std::unique_ptr<TaskResult>> {
    EXPECT_TRUE(*running);
    in_run(task);
    return nullptr;
  };
  tasks.merge = [&](size_t task, std::unique_ptr<TaskResult>) {
    in_merge(task);
    return absl::OkStatus();
  };
  Status status = RunOrdered(pool, 4, std::move(tasks));
  *running = false;
  return status;
}

TEST(OrderedTasksTest, WhatTasksThrowIsAnError) {
  ThreadPool pool("test", 3, 100);
  const auto nothing = [](size_t) {};
  const auto out_of_memory = [](size_t task) {
    if (task == 30) throw std::bad_alloc();
  };
  for (int round = 0; round < 100; ++round) {
    EXPECT_THAT(RunThrowing(&pool, out_of_memory, nothing),
                StatusIs(absl::StatusCode::kInternal, HasSubstr("bad_alloc")));
    EXPECT_THAT(RunThrowing(&pool, nothing, out_of_memory),
                StatusIs(absl::StatusCode::kInternal, HasSubstr("bad_alloc")));
  }
  EXPECT_OK(RunThrowing(&pool, nothing, nothing));
}

std::vector<RowKey> RandomKeys(Random* random, size_t count) {
  std::vector<RowKey> keys(count);
  for (uint32_t i = 0; i < count; ++i) {
    keys[i].time = random->Between(0, 50);  // many ties
    keys[i].stream = {random->Below(3), 0};
    keys[i].arrival = random->Below(2);
    keys[i].row = i;
  }
  return keys;
}

TEST(TopRowsTest, KeepsTheFirstInEitherDirection) {
  Random random(3);
  for (int round = 0; round < 200; ++round) {
    const Direction direction = random.OneIn(2) ? Direction::kForward : Direction::kBackward;
    std::vector<RowKey> keys = RandomKeys(&random, random.Below(300));
    TopRows top(1 + random.Below(50), direction, nullptr);
    for (size_t i = 0; i < keys.size(); i += 17) {
      ASSERT_OK(top.Offer(std::span(keys).subspan(i, std::min<size_t>(17, keys.size() - i))));
    }
    std::sort(keys.begin(), keys.end(),
              [&](const RowKey& a, const RowKey& b) { return ComesBefore(a, b, direction); });
    if (keys.size() > top.limit()) keys.resize(top.limit());
    for (const RowKey& key : keys) EXPECT_TRUE(top.CanEnter(key.time));
    EXPECT_EQ(top.TakeSorted().keys, keys);
  }
}

TEST(TopRowsTest, TimesBehindTheLastCannotEnter) {
  TopRows newest(1, Direction::kBackward, nullptr);
  EXPECT_TRUE(newest.CanEnter(std::numeric_limits<int64_t>::min()));
  ASSERT_OK(newest.Offer(std::vector<RowKey>{{10, {}, 0, 0, 0}}));
  EXPECT_TRUE(newest.CanEnter(10));
  EXPECT_FALSE(newest.CanEnter(9));
  TopRows oldest(1, Direction::kForward, nullptr);
  ASSERT_OK(oldest.Offer(std::vector<RowKey>{{10, {}, 0, 0, 0}}));
  EXPECT_FALSE(oldest.CanEnter(11));
}

TEST(TopRowsTest, RowsAreChargedForAsLongAsTheyAreKept) {
  MemoryBudget memory("rows", 1 << 20);
  const std::vector<RowKey> keys(1000);
  {
    TopRows top(4'000'000'000, Direction::kForward, &memory);
    ASSERT_OK(top.Offer(keys));
    EXPECT_GE(memory.used(), keys.size() * sizeof(RowKey));
    const KeptRows kept = top.TakeSorted();
    EXPECT_EQ(kept.keys.size(), keys.size());
    EXPECT_GE(memory.used(), keys.size() * sizeof(RowKey));
  }
  EXPECT_EQ(memory.used(), 0U);
  TopRows top(4'000'000'000, Direction::kForward, &memory);
  Status offered;
  for (int i = 0; i < 1000 && offered.ok(); ++i) offered = top.Offer(keys);
  EXPECT_THAT(offered, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_LE(memory.used(), memory.limit());
}

}  // namespace
}  // namespace skald::query
