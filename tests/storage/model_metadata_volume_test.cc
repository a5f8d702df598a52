// The size of structured metadata as Loki tells it: pairs, and texts that are new.
#include <gtest/gtest.h>

#include <vector>

#include "storage/model/metadata_volume.h"

namespace skald {
namespace {

using Pairs = std::vector<LabelView>;

TEST(MetadataVolumeTest, APairIsEightBytesAndItsTextsWhenTheyAreNew) {
  EXPECT_EQ(MetadataVolume({}, {}), 0u);
  const Pairs first = {{"level", "info"}, {"trace", "a1"}};
  EXPECT_EQ(MetadataVolume(first, {}), 2 * 8 + 9 + 7u);
  EXPECT_EQ(MetadataVolume(first, first), 2 * 8u);
  EXPECT_EQ(MetadataVolume(Pairs{{"level", "info"}, {"trace", "b23"}}, first), 2 * 8 + 3u);
  EXPECT_EQ(MetadataVolume(Pairs{{"level", "info"}}, first), 8u);
}

TEST(MetadataVolumeTest, TextsInAnotherPlaceCountAgain) {
  const Pairs before = {{"a", "x"}, {"b", "y"}};
  EXPECT_EQ(MetadataVolume(Pairs{{"b", "y"}}, before), 8 + 2u);
}

}  // namespace
}  // namespace skald
