// Constants of the part file, format version 1 (docs/storage_format.md).
//
//   offset        size  field
//   0             8     magic "SKALDPRT"
//   8             …     pages and sections, each at the offset that the directory or footer names
//   end - 16 - n  n     footer (FlatBuffers, part.fbs)
//   end - 16      4     n, little-endian
//   end - 12      4     CRC-32C of the footer
//   end - 8       8     magic "SKALDPRT"
#pragma once

#include <cstdint>
#include <string_view>

namespace skald::storage {

inline constexpr std::string_view kPartMagic = "SKALDPRT";
// The version that is written, and the oldest whose readers can read that.
inline constexpr uint32_t kPartFormatVersion = 1;
inline constexpr uint32_t kPartReaderVersion = 1;
inline constexpr uint64_t kPartTailSize = 16;
inline constexpr uint32_t kMaxFooterSize = 64 << 10;

// Raw sizes at which a block and a line page are closed; pages of old rows are larger.
inline constexpr uint32_t kBlockRawBytes = 1536 << 10;
inline constexpr uint32_t kLinePageRawBytes = 256 << 10;
inline constexpr uint32_t kColdLinePageRawBytes = 1 << 20;
// A block closes at this many rows, whatever their size.
inline constexpr uint32_t kMaxBlockRows = 1 << 16;
// No part has more blocks: a page of the n-gram filter would be too large.
inline constexpr uint32_t kMaxBlocks = 1 << 21;
// Times and lengths are packed, and ranks kept, per group of this many rows of a stream.
inline constexpr uint32_t kGroupRows = 128;
// Names with a column of their own in a block; the rest share one.
inline constexpr uint32_t kMaxMetadataColumns = 64;
// A block closes at this many cells (rows times metadata names): columns decode to an entry a row.
inline constexpr uint64_t kMaxMetadataCells = 4 << 20;
// No page or section is larger when decoded.
inline constexpr uint32_t kMaxPageRawBytes = 1 << 30;

enum class SectionKind : uint32_t {
  kBlockDirectory = 1,
  kStreamTable = 2,
  kLabelIndex = 3,
  kNgramFilter = 4,
  kTokenFilter = 5,
  kMetadataFilter = 6,
};

// What a page is. A reader leaves alone the kinds that it does not know.
enum class PageKind : uint8_t {
  kTimes = 1,     // (time_codec.h)
  kLengths = 2,   // (lengths_codec.h)
  kLines = 3,     // concatenated line bytes; several per block
  kMetadata = 4,  // columns (metadata_codec.h)
  kLevels = 5,    // rows of each group by level (level_ranks.h)
};

// How a page of some kind is encoded; a page that is needed and encoded otherwise is refused.
inline constexpr uint8_t kFirstEncoding = 0;

}  // namespace skald::storage
