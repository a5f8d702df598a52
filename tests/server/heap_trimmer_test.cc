#include "server/heap_trimmer.h"

#include <gtest/gtest.h>

#include "storage/base/units.h"

namespace skald {
namespace {

constexpr uint64_t kLimit = 256_MiB;

TEST(TrimPolicyTest, LeavesAloneWhatIsFarFromTheLimit) {
  TrimPolicy policy(kLimit);
  EXPECT_FALSE(policy.IsDue(96_MiB));
  EXPECT_TRUE(policy.IsDue(97_MiB));
}

TEST(TrimPolicyTest, GoesOnWhileItBringsSomething) {
  TrimPolicy policy(kLimit);
  policy.Trimmed(200_MiB, 150_MiB);
  EXPECT_TRUE(policy.IsDue(150_MiB));
}

TEST(TrimPolicyTest, RestsWhenItBringsLittle) {
  TrimPolicy policy(kLimit);
  policy.Trimmed(180_MiB, 179_MiB);
  int looks = 0;
  while (looks < 1000 && !policy.IsDue(180_MiB)) ++looks;
  EXPECT_GT(looks, 1);
  EXPECT_LT(looks, 1000);
  EXPECT_TRUE(policy.IsDue(180_MiB));
}

TEST(TrimPolicyTest, NeverRestsNearTheLimit) {
  TrimPolicy policy(kLimit);
  policy.Trimmed(200_MiB, 199_MiB);
  EXPECT_TRUE(policy.IsDue(193_MiB));
  EXPECT_FALSE(policy.IsDue(192_MiB));
}

}  // namespace
}  // namespace skald
