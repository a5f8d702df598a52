// Connections and parts share the descriptors that the process may have.
#include "server/connection_limit.h"

#include <gtest/gtest.h>

#include "storage/base/descriptor_cache.h"

namespace skald {
namespace {

TEST(ConnectionLimitTest, IsWhatIsConfiguredWhereThereAreDescriptors) {
  EXPECT_EQ(FitConnections(0, 65536), 10'000u);
  EXPECT_EQ(FitConnections(5, 65536), 5u);
  EXPECT_EQ(FitConnections(20'000, 65536), 20'000u);
}

TEST(ConnectionLimitTest, LeavesPartsAndOthersTheirs) {
  for (const size_t descriptors : {400, 1024, 4096, 65536, 1 << 20}) {
    for (const uint32_t configured : {0u, 60'000u, 4'000'000'000u}) {
      const size_t taken = FitConnections(configured, descriptors);
      EXPECT_LE(taken + DescriptorCache::MostOf(descriptors) + 100, descriptors);
      EXPECT_GE(taken, 16u);
    }
  }
  EXPECT_EQ(FitConnections(0, 10), 16u) << "some there must be";
}

}  // namespace
}  // namespace skald
