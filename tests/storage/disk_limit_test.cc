// The disk limit: the oldest parts go, no more of them than need be.
#include <gtest/gtest.h>

#include <algorithm>

#include "storage/engine.h"
#include "tests/support/engine_harness.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::PlainRow;
using ::skald::test_support::Push;
using ::skald::test_support::ReadRows;
using ::testing::ElementsAre;

constexpr int64_t kDay = 24 * kNanosPerHour;
constexpr int64_t kStart = 1000 * kDay;

class DiskLimitTest : public ::testing::Test {
 protected:
  void Open(uint64_t limit) {
    EngineOptions options;
    options.files = &files_;
    options.clock = &clock_;
    options.directory = "/d";
    options.decoder = &decoder_;
    options.free_space_reserve = 0;
    options.compact_in_background = false;
    options.disk_limit = limit;
    engine_.reset();
    ASSERT_OK_AND_ASSIGN(engine_, Engine::Open(options));
  }

  // A part of over 100 kB with one row.
  void AddPart(const std::string& tenant, int64_t time) {
    ASSERT_OK(
        Push(engine_.get(), tenant, {{"{app=\"a\"}", kStart + time, random_.Text(100'000), {}}}));
    ASSERT_OK(engine_->Flush());
  }
  std::vector<int64_t> Times(const std::string& tenant) {
    std::vector<int64_t> times;
    const auto rows = ReadRows(engine_.get(), tenant);
    EXPECT_OK(rows.status());
    if (!rows.ok()) return times;
    for (const PlainRow& row : *rows) times.push_back(row.time - kStart);
    return times;
  }
  // Of part files, with those that only snapshots still hold.
  size_t PartFiles(const std::string& tenant) {
    const auto names = files_.ListDirectory("/d/tenants/" + tenant);
    EXPECT_OK(names.status());
    if (!names.ok()) return 0;
    return static_cast<size_t>(
        std::count_if(names->begin(), names->end(),
                      [](const std::string& name) { return name.ends_with(".part"); }));
  }

  MemoryFileSystem files_;
  Random random_{7};
  ManualClock clock_{kStart};
  skald::test_support::PlainRowDecoder decoder_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(DiskLimitTest, TheOldestPartsGoWhateverTheirTenant) {
  Open(0);
  AddPart("t", 2 * kDay);
  AddPart("u", kDay);
  AddPart("t", 0);
  AddPart("u", 3 * kDay);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_EQ(engine_->Stats().parts, 4u);
  const uint64_t limit = engine_->Stats().part_bytes * 5 / 8;  // two and a half parts
  Open(limit);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_THAT(Times("t"), ElementsAre(2 * kDay));
  EXPECT_THAT(Times("u"), ElementsAre(3 * kDay));
  EXPECT_EQ(PartFiles("1") + PartFiles("2"), 2u);
  Open(limit);
  EXPECT_THAT(Times("t"), ElementsAre(2 * kDay));
}

TEST_F(DiskLimitTest, NoMoreThanNeedBeGoesAndNothingBelowTheLimit) {
  Open(0);
  AddPart("t", 0);
  Open(engine_->Stats().part_bytes * 9 / 2);
  for (int64_t i = 1; i < 4; ++i) AddPart("t", i * kDay);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_THAT(Times("t"), ElementsAre(0, kDay, 2 * kDay, 3 * kDay));
  AddPart("t", 4 * kDay);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_THAT(Times("t"), ElementsAre(kDay, 2 * kDay, 3 * kDay, 4 * kDay));
}

TEST_F(DiskLimitTest, WhatIsInMemoryStays) {
  Open(1);
  AddPart("t", 0);
  ASSERT_OK(Push(engine_.get(), "t", {{"{app=\"a\"}", kStart + 1, "new", {}}}));
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_THAT(Times("t"), ElementsAre(1));
  Open(0);
  EXPECT_THAT(Times("t"), ElementsAre(1));
}

}  // namespace
}  // namespace skald::storage
