#include "storage/memtable/memtable_block.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "storage/memtable/row_metadata.h"

namespace skald::storage {
namespace {

// A column with at most this many values is handed out as a dictionary.
constexpr size_t kMaxDictionary = 64;
// A column is spread out when at least this part of the rows has a value.
constexpr size_t kSpreadShare = 4;
// What an allocation takes beside its bytes.
constexpr size_t kAllocationBytes = 16;

}  // namespace

MemtableBlock::MemtableBlock(std::vector<MemRow> rows, std::vector<StreamRun> runs,
                             std::shared_ptr<const void> owner)
    : owner_(std::move(owner)), rows_(std::move(rows)), runs_(std::move(runs)) {
  stats_.blocks_read = 1;
  stats_.memtable_rows = rows_.size();
  times_.reserve(rows_.size());
  for (const MemRow& row : rows_) {
    times_.push_back(row.time);
    stats_.memtable_bytes += row.line_size;
    stats_.metadata_bytes += row.metadata_size;
  }
}

Status MemtableBlock::SelectRows(TimeRange range, RowSet* rows) {
  rows->Reset(this->rows(), false);
  for (const StreamRun& run : runs_) {
    const auto first = times_.begin() + run.begin;
    const auto last = times_.begin() + run.end;
    const auto from = std::lower_bound(first, last, range.begin);
    const auto to = std::lower_bound(from, last, range.end);
    rows->AddRange(static_cast<uint32_t>(from - times_.begin()),
                   static_cast<uint32_t>(to - times_.begin()));
  }
  return absl::OkStatus();
}

StatusOr<std::span<const int64_t>> MemtableBlock::Timestamps() {
  return std::span<const int64_t>(times_);
}

Status MemtableBlock::Match(const LineMatcher& matcher, bool negate, RowSet* rows) {
  rows->ForEach([&](uint32_t row) {
    if (matcher.Matches(rows_[row].line()) == negate) rows->Remove(row);
  });
  return absl::OkStatus();
}

Status MemtableBlock::Lengths(std::span<uint32_t> lengths) {
  for (size_t i = 0; i < rows_.size(); ++i) lengths[i] = rows_[i].line_size;
  return absl::OkStatus();
}

Status MemtableBlock::Materialise(std::span<const uint32_t> rows,
                                  std::span<std::string_view> lines) {
  for (size_t i = 0; i < rows.size(); ++i) lines[i] = rows_[rows[i]].line();
  return absl::OkStatus();
}

void MemtableBlock::BuildMetadata() const {
  metadata_built_ = true;
  absl::flat_hash_map<std::string_view, size_t> index;
  std::vector<LabelView> pairs;
  for (uint32_t row = 0; row < rows_.size(); ++row) {
    pairs.clear();
    DecodeRowMetadata(rows_[row].metadata(), &pairs);
    for (const LabelView& pair : pairs) {
      const auto [entry, inserted] = index.try_emplace(pair.name, columns_.size());
      if (inserted) columns_.push_back({pair.name, {}, {}, {}});
      Column& column = columns_[entry->second];
      if (!column.rows.empty() && column.rows.back() == row) {
        column.values.back() = pair.value;  // the later one stays
        continue;
      }
      column.rows.push_back(row);
      column.values.push_back(pair.value);
    }
  }
  std::sort(columns_.begin(), columns_.end(),
            [](const Column& a, const Column& b) { return a.name < b.name; });
  for (const Column& column : columns_) {
    names_.push_back(column.name);
    cell_bytes_ += sizeof(Column) + sizeof(std::string_view) + 2 * kAllocationBytes +
                   column.rows.capacity() * sizeof(uint32_t) +
                   column.values.capacity() * sizeof(std::string_view);
  }
}

std::span<const std::string_view> MemtableBlock::metadata_names() const {
  if (!metadata_built_) BuildMetadata();
  return names_;
}

StringColumn MemtableBlock::Spread(const SparseColumn& column, uint32_t rows, Arena* arena) {
  const std::span<std::string_view> values = arena->NewArray<std::string_view>(kMaxDictionary + 1);
  const std::span<uint32_t> codes = arena->NewArray<uint32_t>(rows);
  std::fill(codes.begin(), codes.end(), 0);
  values[0] = kAbsent;
  size_t distinct = 1;
  for (size_t i = 0; i < column.rows.size(); ++i) {
    size_t code = 1;
    while (code < distinct && values[code] != column.values[i]) ++code;
    if (code > kMaxDictionary) return SpreadOut(column, rows, arena);
    if (code == distinct) values[distinct++] = column.values[i];
    codes[column.rows[i]] = static_cast<uint32_t>(code);
  }
  return {StringColumn::Kind::kDictionary, values.first(distinct), codes};
}

StatusOr<StringColumn> MemtableBlock::Metadata(size_t index) {
  if (!metadata_built_) BuildMetadata();
  Column& column = columns_[index];
  if (!column.spread.has_value()) column.spread = Spread(column.sparse(), rows(), &arena_);
  return *column.spread;
}

StatusOr<StringColumn> MemtableBlock::MetadataOf(size_t index, std::span<const uint32_t> rows,
                                                 Arena* arena) {
  if (!metadata_built_) BuildMetadata();
  const Column& column = columns_[index];
  if (!column.spread.has_value() && column.rows.size() < rows_.size() / kSpreadShare) {
    return PickRows(column.sparse(), rows, arena);
  }
  ASSIGN_OR_RETURN(const StringColumn spread, Metadata(index));
  return PickRows(spread, rows, arena);
}

Status MemtableBlock::RanksAt(const StreamRun& run, std::span<const int64_t> edges,
                              RankFields fields, std::span<Rank> out) {
  const bool with_bytes = fields == RankFields::kRowsAndBytes;
  if (with_bytes && bytes_before_.empty()) {
    bytes_before_.reserve(rows_.size() + 1);
    bytes_before_.push_back(0);
    for (const MemRow& row : rows_) bytes_before_.push_back(bytes_before_.back() + row.line_size);
  }
  auto from = times_.begin() + run.begin;
  const auto last = times_.begin() + run.end;
  for (size_t i = 0; i < edges.size(); ++i) {
    from = std::lower_bound(from, last, edges[i]);
    const auto row = static_cast<size_t>(from - times_.begin());
    out[i].rows = row - run.begin;
    if (with_bytes) out[i].line_bytes = bytes_before_[row] - bytes_before_[run.begin];
  }
  return absl::OkStatus();
}

}  // namespace skald::storage
