// Connections and parts share the descriptors that the process may have.
#include "server/connection_limit.h"

#include <gtest/gtest.h>

#include "storage/base/descriptor_cache.h"
#include "storage/base/units.h"

namespace skald {
namespace {

TEST(ConnectionLimitTest, IsWhatIsConfiguredWhereThereAreDescriptors) {
  EXPECT_EQ(FitConnections(5, 65536), 5u);
  EXPECT_EQ(FitConnections(20'000, 65536), 20'000u);
}

TEST(ConnectionLimitTest, LeavesPartsAndOthersTheirs) {
  for (const size_t descriptors : {400, 1024, 4096, 65536, 1 << 20}) {
    for (const size_t wanted : {10'000u, 60'000u, 4'000'000'000u}) {
      const size_t taken = FitConnections(wanted, descriptors);
      EXPECT_LE(taken + DescriptorCache::MostOf(descriptors) + 100, descriptors);
      EXPECT_GE(taken, 16u);
    }
  }
  EXPECT_EQ(FitConnections(10'000, 10), 16u) << "some there must be";
}

TEST(ConnectionLimitTest, AnEighthOfTheMemorySuffices) {
  EXPECT_EQ(ConnectionsByMemory(1_GiB, false), 10'000u);
  EXPECT_LT(ConnectionsByMemory(1_GiB, true), 2000u);
  EXPECT_GT(ConnectionsByMemory(512_MiB, false), 3000u);
  EXPECT_LT(ConnectionsByMemory(64_MiB, false), 1000u);
  EXPECT_EQ(ConnectionsByMemory(1_MiB, true), 16u) << "some there must be";
}

TEST(ConnectionLimitTest, WhatIsConfiguredCountsWhateverTheMemory) {
  EXPECT_EQ(MaxConnections(20, 1_MiB, true), 20u);
  EXPECT_EQ(MaxConnections(0, 1_MiB, true), 16u);
}

}  // namespace
}  // namespace skald
