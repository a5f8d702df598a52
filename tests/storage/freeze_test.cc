// When a memtable becomes parts: full, idle or old.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "storage/base/units.h"
#include "storage/engine.h"
#include "storage/engine/freeze_policy.h"
#include "tests/support/engine_harness.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;

constexpr int64_t kSecond = int64_t{1'000'000'000};

// A memtable of a mebibyte that is frozen after an hour.
TEST(FreezePolicyTest, AFewRowsMayWaitThoughNobodyPushes) {
  const FreezePolicy policy(1_MiB, 3600 * kSecond);
  EXPECT_FALSE(policy.IsDue({.bytes = 1, .age = 3599 * kSecond, .idle = 3599 * kSecond}));
  EXPECT_FALSE(policy.IsDue({.bytes = 255_KiB, .age = 3599 * kSecond, .idle = 3599 * kSecond}));
}

TEST(FreezePolicyTest, AQuarterIsDueAfterTenSecondsWithoutPushes) {
  const FreezePolicy policy(1_MiB, 3600 * kSecond);
  EXPECT_FALSE(policy.IsDue({.bytes = 1_MiB, .age = 60 * kSecond, .idle = 10 * kSecond - 1}));
  EXPECT_TRUE(policy.IsDue({.bytes = 256_KiB, .age = 10 * kSecond, .idle = 10 * kSecond}));
}

TEST(FreezePolicyTest, WhatIsOldIsDueThoughPushesGoOn) {
  const FreezePolicy policy(1_MiB, 3600 * kSecond);
  EXPECT_TRUE(policy.IsDue({.bytes = 1, .age = 3600 * kSecond, .idle = 0}));
}

class FreezeTest : public ::testing::Test {
 protected:
  std::unique_ptr<Engine> Open() {
    EngineOptions options;
    options.files = &files_;
    options.directory = "/d";
    options.decoder = &decoder_;
    options.clock = &clock_;
    options.memtable_bytes = 1_MiB;
    options.free_space_reserve = 0;
    options.compact_in_background = false;
    StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(options);
    EXPECT_OK(engine.status());
    return engine.ok() ? *std::move(engine) : nullptr;
  }

  // Pushes a row of 200 bytes into each of `streams` streams.
  void PushRound(Engine* engine, int streams) {
    std::vector<PlainRow> rows;
    for (int i = 0; i < streams; ++i) {
      rows.push_back({StrCat("{app=\"", i, "\"}"), next_time_++, std::string(200, 'x'), {}});
    }
    EXPECT_OK(Push(engine, "t", rows));
  }

  // Waits for what the flusher does by itself, at the latest when it looks again.
  static void WaitUntil(const std::function<bool()>& done) {
    for (int i = 0; i < 6000 && !done(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  ManualClock clock_{100 * kNanosPerHour};
  MemoryFileSystem files_;
  skald::test_support::PlainRowDecoder decoder_;
  int64_t next_time_ = 0;
};

TEST_F(FreezeTest, AMemtableWithoutPushesBecomesAPart) {
  auto engine = Open();
  for (int round = 0; round < 25; ++round) PushRound(engine.get(), 100);
  EXPECT_EQ(engine->Stats().parts, 0u);
  clock_.Advance(kNanosPerHour / 300);
  WaitUntil([&] { return engine->Stats().parts == 1 && engine->Stats().memtable_rows == 0; });
  EXPECT_EQ(engine->Stats().parts, 1u);
  EXPECT_EQ(engine->Stats().memtable_rows, 0u);
}

// The most bytes that a memtable had between rounds until one was seen to be frozen or flushed;
// 0 if a thousand rounds did not fill it.
uint64_t BytesWhenFull(Engine* engine, const std::function<void()>& push_round) {
  uint64_t most = 0;
  for (int round = 0; round < 1000; ++round) {
    most = std::max(most, engine->Stats().memtable_bytes);
    push_round();
    if (engine->Stats().flushes > 0 || engine->Stats().frozen_memtables > 0) return most;
  }
  return 0;
}

TEST_F(FreezeTest, AMemtableOfRowsIsFullAtItsSize) {
  auto engine = Open();
  const uint64_t bytes = BytesWhenFull(engine.get(), [&] { PushRound(engine.get(), 10); });
  EXPECT_GT(bytes, 1_MiB - 64_KiB);
  EXPECT_LT(bytes, 1_MiB + 64_KiB);
}

TEST_F(FreezeTest, StreamsMayTakeAsMuchBesideRows) {
  auto engine = Open();
  int next_stream = 0;
  const uint64_t bytes = BytesWhenFull(engine.get(), [&] {
    std::vector<PlainRow> rows;
    for (int i = 0; i < 100; ++i) {
      rows.push_back({StrCat("{app=\"", next_stream++, "\"}"), next_time_++, "", {}});
    }
    EXPECT_OK(Push(engine.get(), "t", rows));
  });
  EXPECT_GT(bytes, 1_MiB + 512_KiB);
  EXPECT_LE(bytes, 2_MiB);
}

// However little rows there are, labels that only the memtable keeps are memory.
TEST_F(FreezeTest, LabelsCount) {
  auto engine = Open();
  int next_stream = 0;
  BytesWhenFull(engine.get(), [&] {
    const std::string labels = StrCat("{app=\"", std::string(10'000, 'x'), next_stream++, "\"}");
    EXPECT_OK(Push(engine.get(), "t", {{labels, next_time_++, "", {}}}));
  });
  EXPECT_GT(next_stream, 100);
  EXPECT_LT(next_stream, 210);
}

}  // namespace
}  // namespace skald::storage
