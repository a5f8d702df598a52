// The metadata pages of a block: one column of optional strings per structured-metadata name.
//
// The first page is the directory, so that names can be had without values:
//   varint  columns
//   per column, by name:
//     varint-prefixed name
//     u8      encoding (MetadataEncoding)
//     varint  page, counted in the block's metadata pages; 0 is the directory
//     varint  size of the column's bytes
// A page is its columns' bytes, in directory order. Small columns share a page.
//
//   kConstant    the value, in every row
//   kDictionary  varint values; each varint-prefixed; u8 width; codes packed in that many bits a
//                row, lowest bits first: 0 absent, k the k-th value
//   kPlain       per row: varint 0 absent, or 1 + size; then all bytes
//   kSparse      varint present rows; per present row: varint difference to the row before
//                (the first: to 0), varint size; then all bytes
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/arena.h"
#include "storage/base/coding.h"
#include "storage/base/status.h"
#include "storage/base/strings.h"
#include "storage/model/column.h"
#include "storage/model/column_rows.h"
#include "storage/part/row_groups.h"

namespace skald::storage {

enum class MetadataEncoding : uint8_t {
  kConstant = 1,
  kDictionary = 2,
  kPlain = 3,
  kSparse = 4,
};

// Collects the metadata of a block's rows. Threads: externally synchronised.
class MetadataBuilder {
 public:
  MetadataBuilder() = default;
  // Adds a value of the row; rows ascend. A name given twice for a row: the later value stays.
  // Bytes are copied.
  void Add(uint32_t row, std::string_view name, std::string_view value);
  // Appends the levels page (level_ranks.h) of the block's rows, if they can have one. `groups` are
  // those rows. Call before Finish.
  void EncodeLevelPage(const RowGroups& groups, std::string* out);
  // Calls f(name, value) for the pairs that occur in the block, perhaps some of them repeatedly.
  template <typename F>
  void ForEachPair(F&& f) const {
    for (const auto& column : columns_) {
      for (const std::string_view value : column->distinct) f(column->name, value);
    }
  }
  // Distinct names so far.
  size_t columns() const { return columns_.size(); }
  // Appends the pages for a block of `rows` rows to `pages` and forgets everything. No page when
  // no row has metadata.
  void Finish(uint32_t rows, std::vector<std::string>* pages);

 private:
  struct Column {
    std::string name;
    std::vector<uint32_t> rows;    // that have a value
    std::vector<uint32_t> values;  // of those rows: index into distinct
    std::vector<std::string_view> distinct;
    absl::flat_hash_map<std::string_view, uint32_t> index;
    MetadataEncoding encoding = MetadataEncoding::kConstant;  // decided when the block ends
    Column* next = nullptr;  // the one that came after it last time: rows tend to be alike
  };
  Column* FindOrAdd(std::string_view name);
  static uint32_t ValueIndex(Column* column, std::string_view value, Arena* arena);
  void ChooseEncodings(uint32_t rows);
  static std::vector<uint32_t> CodesOf(const Column& column, uint32_t rows);
  static MetadataEncoding Choose(const Column& column, uint32_t rows, bool own_column);
  static void Encode(const Column& column, uint32_t rows, std::string* out);

  Arena arena_;
  std::vector<std::unique_ptr<Column>> columns_;
  StringMap<Column*> by_name_;
  Column* last_ = nullptr;
};

// Where a column of a block lies.
struct MetadataColumnInfo {
  std::string_view name;
  MetadataEncoding encoding = MetadataEncoding::kConstant;
  uint32_t page = 0;
  uint64_t offset = 0;  // in its page
  uint32_t size = 0;
};

// Reads the directory; names borrow its bytes. Sorted by name.
StatusOr<std::vector<MetadataColumnInfo>> ParseMetadataDirectory(std::string_view page);

// A dictionary column that is not spread out: codes are read row by row.
struct PackedDictionary {
  std::span<const std::string_view> values;  // the first is kAbsent
  uint32_t width = 0;
  std::string_view packed;

  // Which of `values` the row has; in damaged bytes it may be none of them.
  uint32_t code(uint32_t row) const {
    const size_t bit = size_t{row} * width;
    const char* const at = packed.data() + (bit >> 3);
    const size_t left = packed.size() - (bit >> 3);
    uint64_t word = 0;
    if (left >= sizeof(word)) {
      word = LoadFixed<uint64_t>(at);
    } else {
      std::memcpy(&word, at, left);
    }
    return static_cast<uint32_t>((word >> (bit & 7)) & ((uint64_t{1} << width) - 1));
  }
};

// Reads a kDictionary column over `rows` rows. Views borrow `bytes`; the array is `arena`'s.
StatusOr<PackedDictionary> ParseDictionary(std::string_view bytes, uint32_t rows, Arena* arena);

// Decodes the rows of a kSparse column that have a value. Values borrow `bytes`; arrays come from
// `arena`.
StatusOr<SparseColumn> DecodeSparseColumn(std::string_view bytes, uint32_t rows, Arena* arena);

// Decodes one column over `rows` rows. Values borrow `bytes`; arrays come from `arena`.
StatusOr<StringColumn> DecodeMetadataColumn(MetadataEncoding encoding, std::string_view bytes,
                                            uint32_t rows, Arena* arena);

}  // namespace skald::storage
