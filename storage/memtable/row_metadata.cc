#include "storage/memtable/row_metadata.h"

#include <algorithm>

#include "storage/base/coding.h"
#include "storage/base/same_text.h"
#include "storage/model/metadata_volume.h"

namespace skald::storage {
namespace {

size_t PairsSize(const Row& row) {
  size_t size = 0;
  for (const LabelView& pair : row.metadata) {
    size += VarintSize(pair.name.size()) + pair.name.size();
    size += VarintSize(pair.value.size()) + pair.value.size();
  }
  return size;
}

}  // namespace

bool SameRowMetadata(const Row& a, const Row& b) {
  return SameText(a.detected_level, b.detected_level) &&
         std::equal(a.metadata.begin(), a.metadata.end(), b.metadata.begin(), b.metadata.end(),
                    [](const LabelView& x, const LabelView& y) {
                      return SameText(x.name, y.name) && SameText(x.value, y.value);
                    });
}

size_t RowMetadataSize(const Row& row) {
  if (row.metadata.empty() && row.detected_level.empty()) return 0;
  const size_t pairs = PairsSize(row);
  return VarintSize(pairs) + pairs + row.detected_level.size();
}

void EncodeRowMetadata(const Row& row, std::string* out) {
  if (row.metadata.empty() && row.detected_level.empty()) return;
  PutVarint64(out, PairsSize(row));
  for (const LabelView& pair : row.metadata) {
    PutLengthPrefixed(out, pair.name);
    PutLengthPrefixed(out, pair.value);
  }
  out->append(row.detected_level);
}

RowMetadata SplitRowMetadata(std::string_view bytes) {
  RowMetadata result;
  ByteReader reader(bytes);
  uint64_t size = 0;
  if (!reader.ReadVarint64(&size) || !reader.ReadBytes(size, &result.pairs)) return result;
  result.level = reader.rest();
  return result;
}

void DecodeRowMetadata(std::string_view bytes, std::vector<LabelView>* out) {
  const RowMetadata metadata = SplitRowMetadata(bytes);
  ByteReader reader(metadata.pairs);
  LabelView pair;
  while (reader.ReadLengthPrefixed(&pair.name) && reader.ReadLengthPrefixed(&pair.value)) {
    out->push_back(pair);
  }
  if (!metadata.level.empty()) out->push_back({kDetectedLevel, metadata.level});
}

uint64_t RowMetadataVolume(std::string_view bytes, std::string_view before) {
  if (bytes.empty()) return 0;
  static thread_local std::vector<LabelView> pairs;
  static thread_local std::vector<LabelView> pairs_before;
  pairs.clear();
  pairs_before.clear();
  DecodeRowMetadata(bytes, &pairs);
  DecodeRowMetadata(before, &pairs_before);
  return MetadataVolume(pairs, pairs_before);
}

}  // namespace skald::storage
