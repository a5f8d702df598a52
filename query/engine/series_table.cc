#include "query/engine/series_table.h"

namespace skald::query {

LabelsKey KeyOf(uint64_t name_hash, std::string_view value) {
  const Hash128Value hash = Hash128(value, name_hash);
  return {hash.high, hash.low};
}

LabelsKey KeyOf(LabelView label) { return KeyOf(Hash64(label.name), label.value); }

LabelsKey KeyOf(std::span<const LabelView> labels) {
  LabelsKey key;
  for (const LabelView& label : labels) key.Add(KeyOf(label));
  return key;
}

uint64_t MemoryOf(std::span<const LabelView> labels) {
  uint64_t bytes = 64;  // the vector's and the map's share
  for (const LabelView& label : labels) {
    bytes += sizeof(LabelView) + label.name.size() + label.value.size() + 2;
  }
  return bytes;
}

std::span<const LabelView> CopyLabels(std::span<const LabelView> labels, Arena* arena) {
  const std::span<LabelView> copy = arena->NewArray<LabelView>(labels.size());
  for (size_t i = 0; i < labels.size(); ++i) {
    copy[i] = {arena->Copy(labels[i].name), arena->Copy(labels[i].value)};
  }
  return copy;
}

uint32_t SeriesTable::Add(LabelsKey key, std::span<const LabelView> labels) {
  const uint32_t number = size();
  labels_.push_back(CopyLabels(labels, &arena_));
  numbers_.emplace(key, number);
  return number;
}

}  // namespace skald::query
