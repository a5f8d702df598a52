// Arena, budget, row sets, and what threads share.
#include <atomic>
#include <set>
#include <thread>

#include "storage/base/arena.h"
#include "storage/base/chunk_pool.h"
#include "storage/base/cpu_count.h"
#include "storage/base/guarded.h"
#include "storage/base/memory_budget.h"
#include "storage/base/memory_charge.h"
#include "storage/base/row_set.h"
#include "storage/base/status.h"
#include "storage/base/stop.h"
#include "storage/base/thread_pool.h"
#include "storage/base/units.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald {
namespace {

TEST(ArenaTest, KeepsWhatItHandsOut) {
  Random random(1);
  Arena arena(64);
  std::vector<std::pair<std::string, std::string_view>> copies;
  for (int i = 0; i < 2000; ++i) {
    std::string text = random.Text(random.Below(i % 100 == 0 ? 5000 : 40));
    copies.emplace_back(text, arena.Copy(text));
  }
  for (const auto& [text, copy] : copies) {
    EXPECT_EQ(copy, text);
    EXPECT_NE(copy.data(), nullptr);
  }
}

TEST(ChunkPoolTest, GivesUpWhatNobodyNeeds) {
  ChunkPool pool;
  char* const first = pool.Take();
  char* const second = pool.Take();
  pool.Give(first);
  pool.Give(second);
  pool.Trim();  // they were needed until now
  EXPECT_EQ(pool.idle_bytes(), 2 * ChunkPool::kChunkBytes);
  char* const third = pool.Take();
  pool.Give(third);
  pool.Trim();
  EXPECT_EQ(pool.idle_bytes(), ChunkPool::kChunkBytes) << "one of two was needed";
  pool.Trim();
  EXPECT_EQ(pool.idle_bytes(), 0u);
}

TEST(ArenaTest, Aligns) {
  Arena arena(64);
  for (const size_t alignment : {1, 2, 4, 8, 16}) {
    arena.Allocate(1);
    const auto address = reinterpret_cast<uintptr_t>(arena.Allocate(3, alignment));
    EXPECT_EQ(address % alignment, 0u);
  }
  EXPECT_EQ(arena.NewArray<uint64_t>(3).size(), 3u);
}

TEST(ArenaTest, ResetKeepsTheLargestChunkAndAMovedArenaIsEmpty) {
  Arena arena(16);
  arena.Allocate(10);
  arena.Allocate(5000);
  arena.Allocate(10);
  arena.Reset();
  const size_t kept = arena.capacity();
  EXPECT_GE(kept, 5000u);
  arena.Allocate(4000);
  EXPECT_EQ(arena.capacity(), kept);

  const std::string_view text = arena.Copy("text");
  Arena other = std::move(arena);
  EXPECT_EQ(text, "text");
  EXPECT_EQ(arena.capacity(), 0u);  // NOLINT(bugprone-use-after-move): promised
  EXPECT_EQ(arena.Copy("again"), "again");
}

TEST(MemoryBudgetTest, RefusesWhatDoesNotFitAndTakesNothing) {
  MemoryBudget total("the process", 100);
  MemoryBudget queries("queries", 80, &total);
  EXPECT_OK(total.Take(50));
  EXPECT_THAT(queries.Take(60),
              StatusIs(absl::StatusCode::kResourceExhausted, testing::HasSubstr("the process")));
  EXPECT_THAT(queries.Take(81),
              StatusIs(absl::StatusCode::kResourceExhausted, testing::HasSubstr("queries")));
  EXPECT_THAT(queries.Take(~uint64_t{0}), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(queries.used(), 0u);
  EXPECT_EQ(total.used(), 50u);
  EXPECT_OK(queries.Take(50));
  EXPECT_EQ(total.used(), 100u);
  queries.Give(50);
  EXPECT_EQ(total.used(), 50u);
}

TEST(MemoryBudgetTest, TakesFromTwoParentsOrFromNone) {
  MemoryBudget queries("queries", 100);
  MemoryBudget shared("requests and heavy queries", 90);
  MemoryBudget heavy("heavy queries", 80, &queries, &shared);
  EXPECT_EQ(heavy.capacity(), 80u);
  EXPECT_OK(heavy.Take(70));
  EXPECT_EQ(queries.used(), 70u);
  EXPECT_EQ(shared.used(), 70u);
  EXPECT_OK(shared.Take(15));
  EXPECT_THAT(heavy.Take(10), StatusIs(absl::StatusCode::kResourceExhausted,
                                       testing::HasSubstr("requests and heavy queries")));
  EXPECT_EQ(queries.used(), 70u) << "what the one has given goes back when the other refuses";
  EXPECT_EQ(heavy.used(), 70u);
  EXPECT_OK(queries.Take(30)) << "what heavy ones may not have";
  heavy.Give(70);
  EXPECT_EQ(queries.used(), 30u);
  EXPECT_EQ(shared.used(), 15u);
}

TEST(MemoryBudgetTest, CapacityIsTheLeastLimitOnTheWayUp) {
  MemoryBudget process("the process", 50);
  MemoryBudget queries("queries", 100, &process);
  MemoryBudget other("others", 40);
  EXPECT_EQ(MemoryBudget("this query", 70, &queries).capacity(), 50u);
  EXPECT_EQ(MemoryBudget("this query", 70, &queries, &other).capacity(), 40u);
  EXPECT_EQ(MemoryBudget("this query", 70).capacity(), 70u);
}

TEST(MemoryBudgetTest, SaysWhetherItHasRefused) {
  MemoryBudget queries("queries", 50);
  MemoryBudget small("a light query", 20, &queries);
  EXPECT_OK(small.Take(20));
  EXPECT_FALSE(small.refused());
  EXPECT_THAT(small.Take(1), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(small.refused());
  EXPECT_FALSE(queries.refused());
  MemoryBudget large("a light query", 100, &queries);
  EXPECT_THAT(large.Take(40), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_TRUE(large.refused()) << "whoever refused";
  EXPECT_TRUE(queries.refused());
}

TEST(MemoryBudgetTest, ReservationsOutliveABudgetByMovingToItsParent) {
  MemoryBudget queries("queries", 100);
  MemoryBudget shared("shared", 100);
  Reservation reservation;
  {
    MemoryBudget small("a light query", 60, &queries, &shared);
    reservation = Reservation(&small);
    EXPECT_OK(reservation.Grow(30));
    reservation.MoveToParent();
    EXPECT_EQ(small.used(), 0u);
    EXPECT_EQ(queries.used(), 30u);
    EXPECT_EQ(shared.used(), 0u) << "only the first goes on";
  }
  EXPECT_OK(reservation.Grow(70));
  EXPECT_EQ(queries.used(), 100u);
  reservation.Release();
  EXPECT_EQ(queries.used(), 0u);

  MemoryBudget alone("alone", 10);
  reservation = Reservation(&alone);
  EXPECT_OK(reservation.Grow(10));
  reservation.MoveToParent();
  EXPECT_EQ(alone.used(), 0u);
  EXPECT_OK(reservation.Grow(1000)) << "charged to nobody";
}

TEST(MemoryBudgetTest, ReservationsGiveBackOnce) {
  MemoryBudget budget("tests", 100);
  {
    Reservation first(&budget);
    EXPECT_OK(first.Grow(30));
    EXPECT_OK(first.Grow(30));
    EXPECT_THAT(first.Grow(50), StatusIs(absl::StatusCode::kResourceExhausted));
    Reservation second = std::move(first);
    EXPECT_EQ(second.bytes(), 60u);
    EXPECT_EQ(budget.used(), 60u);
    Reservation third(&budget);
    EXPECT_OK(third.Grow(40));
    third = std::move(second);
    EXPECT_EQ(budget.used(), 60u);
  }
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_OK(Reservation().Grow(1000));
}

TEST(MemoryChargeTest, WhatIsRefusedIsNotAnnounced) {
  MemoryBudget budget("tests", 256_KiB);
  MemoryCharge charge(&budget);
  EXPECT_OK(charge.Add(100_KiB));
  EXPECT_THAT(charge.Add(1_MiB), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(charge.Add(~uint64_t{0}), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(budget.used(), 100_KiB);
  EXPECT_OK(charge.Add(100_KiB)) << "as if nothing had been refused";
  EXPECT_EQ(budget.used(), 200_KiB);
  EXPECT_THAT(charge.Add(100_KiB), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_EQ(budget.used(), 200_KiB);
}

std::set<uint32_t> Rows(const RowSet& rows) {
  std::set<uint32_t> out;
  rows.ForEach([&out](uint32_t row) { out.insert(row); });
  return out;
}

TEST(RowSetTest, AgreesWithASet) {
  Random random(2);
  for (int round = 0; round < 300; ++round) {
    const auto size = static_cast<uint32_t>(random.Below(200));
    RowSet a(size);
    RowSet b(size, random.OneIn(4));
    std::set<uint32_t> in_a;
    std::set<uint32_t> in_b = Rows(b);
    ASSERT_EQ(b.count(), in_b.size());
    for (uint32_t row = 0; row < size; ++row) {
      if (random.OneIn(3)) a.Add(row), in_a.insert(row);
      if (random.OneIn(3)) b.Remove(row), in_b.erase(row);
    }
    const auto begin = static_cast<uint32_t>(random.Below(size + 1));
    const auto end = static_cast<uint32_t>(random.Below(size + 1));
    a.AddRange(begin, end);
    for (uint32_t row = begin; row < end; ++row) in_a.insert(row);
    ASSERT_EQ(Rows(a), in_a) << size << " " << begin << " " << end;
    EXPECT_EQ(a.empty(), in_a.empty());
    EXPECT_EQ(a.full(), in_a.size() == size);
    const auto next = in_a.lower_bound(begin);
    EXPECT_EQ(a.Next(begin), next == in_a.end() ? size : *next);
    EXPECT_EQ(a.Next(size + 5), size);

    std::set<uint32_t> both, either = in_a, only_a;
    for (const uint32_t row : in_a) (in_b.contains(row) ? both : only_a).insert(row);
    either.insert(in_b.begin(), in_b.end());
    RowSet result = a;
    result.IntersectWith(b);
    EXPECT_EQ(Rows(result), both);
    result = a;
    result.UnionWith(b);
    EXPECT_EQ(Rows(result), either);
    result = a;
    result.Subtract(b);
    EXPECT_EQ(Rows(result), only_a);
  }
}

TEST(ThreadPoolTest, RunsEverythingItTook) {
  std::atomic<int> ran{0};
  int taken = 0;
  {
    ThreadPool pool("a name longer than the kernel's", 2, 1000);
    EXPECT_EQ(pool.threads(), 2);
    for (int i = 0; i < 500; ++i) taken += pool.TrySubmit([&ran] { ++ran; }) ? 1 : 0;
  }
  EXPECT_EQ(taken, 500);
  EXPECT_EQ(ran, 500);
}

TEST(ThreadPoolTest, RefusesWhenFullAndWhenStopped) {
  std::atomic<bool> started{false};
  std::atomic<bool> finish{false};
  ThreadPool pool("test", 1, 1);
  ASSERT_TRUE(pool.TrySubmit([&] {
    started = true;
    started.notify_one();
    finish.wait(false);
  }));
  started.wait(false);
  EXPECT_TRUE(pool.TrySubmit([] {}));
  EXPECT_FALSE(pool.TrySubmit([] {}));
  EXPECT_EQ(pool.queued(), 1u);
  finish = true;
  finish.notify_one();
  pool.Stop();
  EXPECT_EQ(pool.queued(), 0u);
  EXPECT_FALSE(pool.TrySubmit([] {}));
  pool.Stop();
}

TEST(StopTokenTest, StopsOnRequestAndAfterTheDeadline) {
  EXPECT_OK(StopToken().Check());
  ManualClock clock(0);
  StopToken token(&clock, clock.MonotonicNanos() + 10);
  clock.JumpWall(1000);
  clock.Advance(10);
  EXPECT_OK(token.Check());
  clock.Advance(1);
  EXPECT_THAT(token.Check(), StatusIs(absl::StatusCode::kDeadlineExceeded));
  token.RequestStop();
  EXPECT_THAT(token.Check(), StatusIs(absl::StatusCode::kCancelled));
}

TEST(StopTokenTest, AllowsSoMuchWork) {
  StopToken token;
  EXPECT_OK(token.Spend(1000)) << "without an allowance";
  token.Allow(100);
  EXPECT_OK(token.Spend(60));
  EXPECT_OK(token.Spend(40));
  EXPECT_FALSE(token.overspent());
  EXPECT_THAT(token.Spend(1), StatusIs(absl::StatusCode::kAborted));
  EXPECT_TRUE(token.overspent());
  EXPECT_THAT(token.Check(), StatusIs(absl::StatusCode::kAborted));
  token.AllowAll();
  EXPECT_FALSE(token.overspent());
  EXPECT_OK(token.Spend(1000));
}

TEST(StopTokenTest, ForeseenWorkIsCountedOnlyIfItIsTooMuch) {
  StopToken token;
  token.Allow(100);
  EXPECT_OK(token.Foresee(100));
  EXPECT_OK(token.Spend(100)) << "by who does it";
  EXPECT_OK(token.Foresee(0));
  EXPECT_THAT(token.Foresee(1), StatusIs(absl::StatusCode::kAborted));
  EXPECT_TRUE(token.overspent());
  token.AllowAll();
  EXPECT_OK(token.Foresee(std::numeric_limits<uint64_t>::max()));
}

TEST(ClockTest, TheRealOneRuns) {
  const int64_t before = Clock::Real()->MonotonicNanos();
  EXPECT_GE(Clock::Real()->MonotonicNanos(), before);
  EXPECT_GT(Clock::Real()->WallNanos(), int64_t{1'600'000'000} * 1'000'000'000);
}

TEST(GuardedTest, ExcludesOtherThreadsAndWaits) {
  Guarded<int> number(0);
  CondVar changed;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) ++*number.Lock();
      changed.NotifyAll();
    });
  }
  {
    auto access = number.Lock();
    while (*access < 4000) access.Wait(&changed);
  }
  for (std::thread& thread : threads) thread.join();
  const Guarded<int>& read_only = number;
  EXPECT_EQ(*read_only.Lock(), 4000);
}

TEST(StatusTest, ContextAndHttpStatusTravelTogether) {
  const Status status = Annotate(WithHttpStatus(NotFound("gone"), 260), "reading");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, "reading: gone"));
  EXPECT_EQ(HttpStatusOf(status), 260);
  EXPECT_EQ(HttpStatusOf(NotFound("gone")), std::nullopt);
  EXPECT_OK(Annotate(absl::OkStatus(), "reading"));
}

TEST(CpuCountTest, IsPositive) { EXPECT_GE(CpuCount(), 1); }

}  // namespace
}  // namespace skald
