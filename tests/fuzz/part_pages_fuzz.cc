// Fuzzes what stands in a part's pages and sections, past the checksums that damage would not pass:
// the first byte names the decoder, the second the number of rows, the rest is the bytes. All bytes
// decode or are refused.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/arena.h"
#include "storage/part/block_directory.h"
#include "storage/part/label_index.h"
#include "storage/part/lengths_codec.h"
#include "storage/part/metadata_codec.h"
#include "storage/part/ngram_filter.h"
#include "storage/part/stream_table.h"
#include "storage/part/time_codec.h"
#include "storage/part/token_filter.h"

namespace {

using namespace skald;
using namespace skald::storage;

enum class Decoder : uint8_t {
  kTimes,
  kLengths,
  kMetadataDirectory,
  kMetadataColumn,
  kBlockDirectory,
  kStreamTable,
  kLabelIndex,
  kNgramFilter,
  kTokenFilter,
  kCount,
};

// Groups of at most kGroupRows, as a block of these rows of one stream has them.
std::vector<uint32_t> GroupsOf(uint32_t rows) {
  std::vector<uint32_t> counts;
  for (uint32_t left = rows; left > 0; left -= counts.back()) {
    counts.push_back(std::min(left, kGroupRows));
  }
  return counts;
}

void DecodeTimes(std::string_view bytes, uint32_t rows) {
  const std::vector<uint32_t> counts = GroupsOf(rows);
  const auto page = TimesPage::Parse(bytes, counts);
  if (!page.ok()) return;
  std::vector<int64_t> times(kGroupRows);
  for (size_t group = 0; group < counts.size(); ++group) page->Decode(group, times.data());
}

void DecodeLengths(std::string_view bytes, uint32_t rows) {
  const auto page = LengthsPage::Parse(bytes, GroupsOf(rows));
  if (!page.ok()) return;
  std::vector<uint64_t> starts(rows + 1);
  if (page->DecodeStarts(starts).ok() && !std::is_sorted(starts.begin(), starts.end())) {
    __builtin_trap();
  }
}

void DecodeColumn(std::string_view bytes, uint32_t rows) {
  if (bytes.empty()) return;
  Arena arena;
  const auto column =
      DecodeMetadataColumn(static_cast<MetadataEncoding>(bytes[0]), bytes.substr(1), rows, &arena);
  if (!column.ok()) return;
  volatile size_t size = 0;
  for (uint32_t row = 0; row < rows; ++row) size = size + (*column)[row].size();
}

void MatchLabels(std::string_view bytes, uint32_t streams) {
  const auto index = LabelIndex::Parse(std::string(bytes), streams);
  if (!index.ok()) return;
  for (size_t name = 0; name < (*index)->names(); ++name) {
    (*index)->StreamsWithName(name);
    const auto values = (*index)->ValuesOf((*index)->name(name));
    for (size_t value = 0; value < values.size(); ++value) {
      (*index)->StreamsWithValue((*index)->name(name), value);
    }
  }
}

void Decode(Decoder decoder, std::string_view bytes, uint32_t rows) {
  switch (decoder) {
    case Decoder::kTimes:
      return DecodeTimes(bytes, rows);
    case Decoder::kLengths:
      return DecodeLengths(bytes, rows);
    case Decoder::kMetadataDirectory:
      return ParseMetadataDirectory(bytes).status().IgnoreError();
    case Decoder::kMetadataColumn:
      return DecodeColumn(bytes, rows);
    case Decoder::kBlockDirectory:
      return BlockDirectory::Parse(bytes, 1 << 20).status().IgnoreError();
    case Decoder::kStreamTable:
      return StreamTable::Parse(bytes, 0, rows).status().IgnoreError();
    case Decoder::kLabelIndex:
      return MatchLabels(bytes, rows);
    case Decoder::kNgramFilter:
      return NgramFilter::Parse(bytes, 1 << 20).status().IgnoreError();
    case Decoder::kTokenFilter:
      return TokenFilter::Parse(std::string(bytes)).status().IgnoreError();
    case Decoder::kCount:
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const auto decoder = static_cast<Decoder>(data[0] % static_cast<uint8_t>(Decoder::kCount));
  const uint32_t rows = uint32_t{data[1]} * 4 + 1;
  Decode(decoder, {reinterpret_cast<const char*>(data) + 2, size - 2}, rows);
  return 0;
}
