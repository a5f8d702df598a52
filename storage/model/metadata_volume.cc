#include "storage/model/metadata_volume.h"

#include "storage/base/same_text.h"
#include "storage/model/row.h"

namespace skald {
namespace {

constexpr uint64_t kPairBytes = 8;

}  // namespace

uint64_t MetadataVolume(std::span<const LabelView> pairs, std::span<const LabelView> before) {
  uint64_t volume = kPairBytes * pairs.size();
  for (size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i].name == kDetectedLevel) continue;
    const bool named = i < before.size() && SameText(before[i].name, pairs[i].name);
    if (!named) volume += pairs[i].name.size();
    if (!named || !SameText(before[i].value, pairs[i].value)) volume += pairs[i].value.size();
  }
  return volume;
}

}  // namespace skald
