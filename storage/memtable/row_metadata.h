// Structured metadata of a row as the memtable keeps it: one string of bytes.
//
//   varint  size of the pairs
//   pairs as pushed, by name: varint-prefixed name, varint-prefixed value
//   the detected level (the rest; empty: none)
//
// Equal pairs are equal bytes, which is what makes two rows the same row. A row without metadata
// has no bytes at all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/model/row.h"

namespace skald::storage {

// Bytes that EncodeRowMetadata would append.
size_t RowMetadataSize(const Row& row);
// True if both have one encoding. Quick where they have the same texts in the same places, as rows
// of one push often do.
bool SameRowMetadata(const Row& a, const Row& b);
// Appends the encoding of the row's metadata and level.
void EncodeRowMetadata(const Row& row, std::string* out);

struct RowMetadata {
  std::string_view pairs;
  std::string_view level;
};
// Takes an encoding apart. REQUIRES: EncodeRowMetadata wrote it.
RowMetadata SplitRowMetadata(std::string_view bytes);

// MetadataVolume of two encodings: of a row, and of the row before it in its stream.
uint64_t RowMetadataVolume(std::string_view bytes, std::string_view before);

// Appends the pairs, then the level under its name, to `out`. Views borrow `bytes`.
void DecodeRowMetadata(std::string_view bytes, std::vector<LabelView>* out);

}  // namespace skald::storage
