#include "storage/part/metadata_codec.h"

#include <algorithm>
#include <bit>

#include "storage/base/coding.h"
#include "storage/model/row.h"
#include "storage/part/level_ranks.h"
#include "storage/part/part_format.h"
#include "storage/reader.h"

namespace skald::storage {
namespace {

// A column with more bytes than this gets a page of its own.
constexpr size_t kOwnPageBytes = 32 << 10;
constexpr size_t kMaxDictionary = 4096;

Status Damaged() { return DataLoss("damaged metadata page"); }

void PackCodes(std::span<const uint32_t> codes, int width, std::string* out) {
  uint64_t pending = 0;
  int bits = 0;
  for (const uint32_t code : codes) {
    pending |= static_cast<uint64_t>(code) << bits;
    bits += width;
    for (; bits >= 8; bits -= 8, pending >>= 8) out->push_back(static_cast<char>(pending & 0xff));
  }
  if (bits > 0) out->push_back(static_cast<char>(pending & 0xff));
}

StatusOr<StringColumn> DecodeDictionary(std::string_view bytes, uint32_t rows, Arena* arena) {
  ASSIGN_OR_RETURN(const PackedDictionary dictionary, ParseDictionary(bytes, rows, arena));
  std::span<uint32_t> codes = arena->NewArray<uint32_t>(rows);
  for (uint32_t row = 0; row < rows; ++row) {
    codes[row] = dictionary.code(row);
    if (codes[row] >= dictionary.values.size()) return Damaged();
  }
  return StringColumn{StringColumn::Kind::kDictionary, dictionary.values, codes};
}

StatusOr<StringColumn> DecodePlain(std::string_view bytes, uint32_t rows, Arena* arena) {
  ByteReader reader(bytes);
  std::span<uint64_t> sizes = arena->NewArray<uint64_t>(rows);
  for (uint64_t& size : sizes) {
    if (!reader.ReadVarint64(&size)) return Damaged();
  }
  std::span<std::string_view> values = arena->NewArray<std::string_view>(rows);
  for (uint32_t row = 0; row < rows; ++row) {
    values[row] = kAbsent;
    if (sizes[row] > 0 && !reader.ReadBytes(sizes[row] - 1, &values[row])) return Damaged();
  }
  return StringColumn{StringColumn::Kind::kPlain, values, {}};
}

}  // namespace

MetadataBuilder::Column* MetadataBuilder::FindOrAdd(std::string_view name) {
  if (last_ != nullptr && last_->next != nullptr && last_->next->name == name) return last_->next;
  Column*& entry = by_name_[name];
  if (entry == nullptr) {
    columns_.push_back(std::make_unique<Column>());
    entry = columns_.back().get();
    entry->name = std::string(name);
  }
  if (last_ != nullptr) last_->next = entry;
  return entry;
}

uint32_t MetadataBuilder::ValueIndex(Column* column, std::string_view value, Arena* arena) {
  if (!column->values.empty() && column->distinct[column->values.back()] == value) {
    return column->values.back();
  }
  if (column->distinct.size() > kMaxDictionary) {  // never a dictionary: no use in looking
    column->distinct.push_back(arena->Copy(value));
    return static_cast<uint32_t>(column->distinct.size() - 1);
  }
  auto found = column->index.find(value);
  if (found == column->index.end()) {
    const std::string_view copy = arena->Copy(value);
    found = column->index.emplace(copy, static_cast<uint32_t>(column->distinct.size())).first;
    column->distinct.push_back(copy);
  }
  return found->second;
}

void MetadataBuilder::Add(uint32_t row, std::string_view name, std::string_view value) {
  last_ = FindOrAdd(name);
  const uint32_t index = ValueIndex(last_, value, &arena_);
  if (!last_->rows.empty() && last_->rows.back() == row) {
    last_->values.back() = index;
    return;
  }
  last_->rows.push_back(row);
  last_->values.push_back(index);
}

MetadataEncoding MetadataBuilder::Choose(const Column& column, uint32_t rows, bool own_column) {
  if (column.rows.size() == rows && column.distinct.size() == 1) return MetadataEncoding::kConstant;
  if (!own_column) return MetadataEncoding::kSparse;
  const size_t distinct = column.distinct.size();
  if (distinct <= kMaxDictionary && distinct <= column.rows.size() / 4 + 1) {
    // A sparse list of few rows is smaller than codes for all of them.
    return column.rows.size() < rows / 32 ? MetadataEncoding::kSparse
                                          : MetadataEncoding::kDictionary;
  }
  return column.rows.size() < rows / 4 ? MetadataEncoding::kSparse : MetadataEncoding::kPlain;
}

std::vector<uint32_t> MetadataBuilder::CodesOf(const Column& column, uint32_t rows) {
  std::vector<uint32_t> codes(rows, 0);
  for (size_t i = 0; i < column.rows.size(); ++i) codes[column.rows[i]] = column.values[i] + 1;
  return codes;
}

void MetadataBuilder::Encode(const Column& column, uint32_t rows, std::string* out) {
  switch (column.encoding) {
    case MetadataEncoding::kConstant:
      out->append(column.distinct[0]);
      return;
    case MetadataEncoding::kDictionary: {
      PutVarint64(out, column.distinct.size());
      for (const std::string_view value : column.distinct) PutLengthPrefixed(out, value);
      const int width = std::bit_width(column.distinct.size());
      out->push_back(static_cast<char>(width));
      PackCodes(CodesOf(column, rows), width, out);
      return;
    }
    case MetadataEncoding::kPlain: {
      std::vector<uint64_t> sizes(rows, 0);
      for (size_t i = 0; i < column.rows.size(); ++i) {
        sizes[column.rows[i]] = column.distinct[column.values[i]].size() + 1;
      }
      for (const uint64_t size : sizes) PutVarint64(out, size);
      break;
    }
    case MetadataEncoding::kSparse: {
      PutVarint64(out, column.rows.size());
      uint32_t previous = 0;
      for (size_t i = 0; i < column.rows.size(); ++i) {
        PutVarint64(out, column.rows[i] - previous);
        PutVarint64(out, column.distinct[column.values[i]].size());
        previous = column.rows[i];
      }
      break;
    }
  }
  for (const uint32_t value : column.values) out->append(column.distinct[value]);
}

// The fullest names get columns of their own; the rest lie as sparse lists.
void MetadataBuilder::ChooseEncodings(uint32_t rows) {
  std::vector<Column*> by_fill;
  for (const auto& column : columns_) by_fill.push_back(column.get());
  std::stable_sort(by_fill.begin(), by_fill.end(), [](const Column* a, const Column* b) {
    return a->rows.size() > b->rows.size();
  });
  for (size_t i = 0; i < by_fill.size(); ++i) {
    by_fill[i]->encoding = Choose(*by_fill[i], rows, i < kMaxMetadataColumns);
  }
}

void MetadataBuilder::EncodeLevelPage(const RowGroups& groups, std::string* out) {
  const auto found = by_name_.find(kDetectedLevel);
  if (found == by_name_.end()) return;
  ChooseEncodings(groups.rows);
  const Column& column = *found->second;
  if (column.encoding != MetadataEncoding::kDictionary) return;
  if (column.distinct.size() > kMaxRankedLevels) return;
  EncodeLevels(CodesOf(column, groups.rows), static_cast<uint32_t>(column.distinct.size()), groups,
               out);
}

void MetadataBuilder::Finish(uint32_t rows, std::vector<std::string>* pages) {
  if (columns_.empty()) return;
  ChooseEncodings(rows);
  std::sort(columns_.begin(), columns_.end(),
            [](const auto& a, const auto& b) { return a->name < b->name; });
  std::string directory;
  std::vector<std::string> values(1);  // the shared page, then the big columns' own
  PutVarint64(&directory, columns_.size());
  for (const auto& column : columns_) {
    std::string bytes;
    Encode(*column, rows, &bytes);
    const bool own_page = bytes.size() > kOwnPageBytes;
    PutLengthPrefixed(&directory, column->name);
    directory.push_back(static_cast<char>(column->encoding));
    PutVarint64(&directory, own_page ? values.size() + 1 : 1);
    PutVarint64(&directory, bytes.size());
    if (own_page) {
      values.push_back(std::move(bytes));
    } else {
      values.front().append(bytes);
    }
  }
  pages->push_back(std::move(directory));
  for (std::string& page : values) pages->push_back(std::move(page));
  columns_.clear();
  by_name_.clear();
  last_ = nullptr;
  arena_.Reset();
}

StatusOr<std::vector<MetadataColumnInfo>> ParseMetadataDirectory(std::string_view page) {
  ByteReader reader(page);
  uint64_t count = 0;
  if (!reader.ReadVarint64(&count) || count > reader.remaining()) return Damaged();
  std::vector<MetadataColumnInfo> columns(count);
  std::vector<uint64_t> page_sizes;
  std::string_view previous;
  for (MetadataColumnInfo& column : columns) {
    uint8_t encoding = 0;
    if (!reader.ReadLengthPrefixed(&column.name) || !reader.ReadByte(&encoding) ||
        !reader.ReadVarint32(&column.page) || !reader.ReadVarint32(&column.size) ||
        column.page == 0 || column.page > count + 1 ||
        (&column != columns.data() && column.name <= previous)) {
      return Damaged();
    }
    previous = column.name;
    column.encoding = static_cast<MetadataEncoding>(encoding);
    if (column.page >= page_sizes.size()) page_sizes.resize(column.page + size_t{1}, 0);
    column.offset = page_sizes[column.page];
    page_sizes[column.page] += column.size;
  }
  if (!reader.empty()) return Damaged();
  return columns;
}

StatusOr<PackedDictionary> ParseDictionary(std::string_view bytes, uint32_t rows, Arena* arena) {
  ByteReader reader(bytes);
  uint64_t count = 0;
  if (!reader.ReadVarint64(&count) || count > reader.remaining()) return Damaged();
  const std::span<std::string_view> values = arena->NewArray<std::string_view>(count + 1);
  values[0] = kAbsent;
  for (size_t i = 1; i <= count; ++i) {
    if (!reader.ReadLengthPrefixed(&values[i])) return Damaged();
  }
  uint8_t width = 0;
  if (!reader.ReadByte(&width) || width > 32) return Damaged();
  const std::string_view packed = reader.rest();
  if (packed.size() != (static_cast<uint64_t>(rows) * width + 7) / 8) return Damaged();
  return PackedDictionary{values, width, packed};
}

StatusOr<SparseColumn> DecodeSparseColumn(std::string_view bytes, uint32_t rows, Arena* arena) {
  ByteReader reader(bytes);
  uint64_t count = 0;
  if (!reader.ReadVarint64(&count) || count > rows || count > reader.remaining()) return Damaged();
  const std::span<uint32_t> at = arena->NewArray<uint32_t>(count);
  std::vector<uint64_t> sizes(count);
  uint64_t row = 0;
  for (size_t i = 0; i < count; ++i) {
    uint64_t step = 0;
    if (!reader.ReadVarint64(&step) || !reader.ReadVarint64(&sizes[i])) return Damaged();
    if (i > 0 && step == 0) return Damaged();
    if (step >= rows - row) return Damaged();
    row += step;
    at[i] = static_cast<uint32_t>(row);
  }
  const std::span<std::string_view> values = arena->NewArray<std::string_view>(count);
  for (size_t i = 0; i < count; ++i) {
    if (!reader.ReadBytes(sizes[i], &values[i])) return Damaged();
  }
  return SparseColumn{at, values};
}

StatusOr<StringColumn> DecodeMetadataColumn(MetadataEncoding encoding, std::string_view bytes,
                                            uint32_t rows, Arena* arena) {
  switch (encoding) {
    case MetadataEncoding::kConstant: {
      std::span<std::string_view> value = arena->NewArray<std::string_view>(1);
      value[0] = bytes.empty() ? PresentEmpty() : bytes;
      return StringColumn{StringColumn::Kind::kConstant, value, {}};
    }
    case MetadataEncoding::kDictionary:
      return DecodeDictionary(bytes, rows, arena);
    case MetadataEncoding::kPlain:
      return DecodePlain(bytes, rows, arena);
    case MetadataEncoding::kSparse: {
      ASSIGN_OR_RETURN(const SparseColumn column, DecodeSparseColumn(bytes, rows, arena));
      return SpreadOut(column, rows, arena);
    }
  }
  return Damaged();
}

}  // namespace skald::storage
