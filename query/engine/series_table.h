// Numbers distinct label sets: what a metric query groups by, as small integers.
//
// A label set's key is the sum of the 128-bit hashes of its labels, so that it can be put together
// from parts in any order (a stream's share, then the labels that vary from row to row). Equal keys
// are taken for equal sets, as equal stream ids are for equal streams.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/arena.h"
#include "storage/base/hash.h"
#include "storage/model/labels.h"

namespace skald::query {

struct LabelsKey {
  uint64_t high = 0;
  uint64_t low = 0;
  bool operator==(const LabelsKey&) const = default;

  void Add(LabelsKey other) {
    high += other.high;
    low += other.low;
  }
  template <typename H>
  friend H AbslHashValue(H state, const LabelsKey& key) {
    return H::combine(std::move(state), key.low);
  }
};

// The key of a set of one label.
LabelsKey KeyOf(uint64_t name_hash, std::string_view value);
LabelsKey KeyOf(LabelView label);
LabelsKey KeyOf(std::span<const LabelView> labels);

// Label sets numbered in the order of their first appearance.
// Threads: externally synchronised.
class SeriesTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // The number of the set with this key, or kNone.
  uint32_t Find(LabelsKey key) const {
    const auto at = numbers_.find(key);
    return at == numbers_.end() ? kNone : at->second;
  }
  // Adds a set, copying its labels. REQUIRES: sorted by name; Find(key) is kNone.
  uint32_t Add(LabelsKey key, std::span<const LabelView> labels);
  uint32_t FindOrAdd(LabelsKey key, std::span<const LabelView> labels) {
    const uint32_t found = Find(key);
    return found != kNone ? found : Add(key, labels);
  }

  uint32_t size() const { return static_cast<uint32_t>(labels_.size()); }
  // Views live as long as the table.
  std::span<const LabelView> labels(uint32_t series) const { return labels_[series]; }

 private:
  Arena arena_;
  std::vector<std::span<const LabelView>> labels_;
  absl::flat_hash_map<LabelsKey, uint32_t> numbers_;
};

// About the bytes that a table needs for one more set.
uint64_t MemoryOf(std::span<const LabelView> labels);

// Copies labels, names and values included.
std::span<const LabelView> CopyLabels(std::span<const LabelView> labels, Arena* arena);

}  // namespace skald::query
