// The disk limit: the oldest parts go, no more of them than need be.
#include <gtest/gtest.h>

#include "tests/support/engine_fixture.h"
#include "tests/support/random.h"
#include "tests/support/status_matchers.h"

namespace skald::storage {
namespace {

using ::skald::test_support::EngineFixture;
using ::skald::test_support::kDay;
using ::skald::test_support::PlainRow;
using ::testing::ElementsAre;

constexpr int64_t kStart = 1000 * kDay;

class DiskLimitTest : public ::testing::Test, protected EngineFixture {
 protected:
  DiskLimitTest() : EngineFixture(kStart) {}

  void OpenWith(uint64_t limit) {
    options_.disk_limit = limit;
    Open();
  }

  // A part of over 100 kB with one row.
  void AddPart(const std::string& tenant, int64_t time) {
    PushRows({{"{app=\"a\"}", kStart + time, random_.Text(100'000), {}}}, tenant);
    ASSERT_OK(engine_->Flush());
  }
  std::vector<int64_t> Times(const std::string& tenant) {
    std::vector<int64_t> times;
    for (const PlainRow& row : Rows(tenant)) times.push_back(row.time - kStart);
    return times;
  }

  Random random_{7};
};

TEST_F(DiskLimitTest, TheOldestPartsGoWhateverTheirTenant) {
  OpenWith(0);
  AddPart("t", 2 * kDay);
  AddPart("u", kDay);
  AddPart("t", 0);
  AddPart("u", 3 * kDay);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_EQ(engine_->Stats().parts, 4u);
  const uint64_t limit = engine_->Stats().part_bytes * 5 / 8;  // two and a half parts
  OpenWith(limit);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_THAT(Times("t"), ElementsAre(2 * kDay));
  EXPECT_THAT(Times("u"), ElementsAre(3 * kDay));
  EXPECT_EQ(PartFiles(), 2u);
  OpenWith(limit);
  EXPECT_THAT(Times("t"), ElementsAre(2 * kDay));
}

TEST_F(DiskLimitTest, NoMoreThanNeedBeGoesAndNothingBelowTheLimit) {
  OpenWith(0);
  AddPart("t", 0);
  OpenWith(engine_->Stats().part_bytes * 9 / 2);
  for (int64_t i = 1; i < 4; ++i) AddPart("t", i * kDay);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_THAT(Times("t"), ElementsAre(0, kDay, 2 * kDay, 3 * kDay));
  AddPart("t", 4 * kDay);
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_THAT(Times("t"), ElementsAre(kDay, 2 * kDay, 3 * kDay, 4 * kDay));
}

TEST_F(DiskLimitTest, WhatIsInMemoryStays) {
  OpenWith(1);
  AddPart("t", 0);
  PushRows({{"{app=\"a\"}", kStart + 1, "new", {}}});
  ASSERT_OK(engine_->SweepExpired());
  EXPECT_THAT(Times("t"), ElementsAre(1));
  OpenWith(0);
  EXPECT_THAT(Times("t"), ElementsAre(1));
}

}  // namespace
}  // namespace skald::storage
