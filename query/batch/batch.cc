#include "query/batch/batch.h"

#include <algorithm>

namespace skald::query {
namespace {

// So few columns are searched one by one.
constexpr size_t kMaxSearchedColumns = 16;
// What a column takes beside its cells and its name.
constexpr size_t kColumnBytes = 2 * sizeof(LabelColumn);
// Of what rows may take, the arena keeps this part at most for the next ones.
constexpr size_t kKeptShare = 16;

}  // namespace

void Batch::Reset(std::span<const StreamPtr> streams) {
  timestamps.clear();
  stream_of.clear();
  lines.clear();
  fields = {};
  selection.clear();
  columns_.clear();
  column_index_.clear();
  values.clear();
  errors_ = {};
  details_ = {};
  stream_table_ = streams;
  arena_.Reset();
  // What a wide batch took is not held against the next.
  if (arena_.capacity() > max_bytes_ / kKeptShare) arena_ = Arena(kFirstChunk);
  beside_ = 0;
}

size_t Batch::MaxBytesWithin(const MemoryBudget* budget) {
  if (budget == nullptr) return kMaxBatchBytes;
  return std::clamp(budget->capacity() / kBatchesPerBudget, kMinBatchBytes, kMaxBatchBytes);
}

Status Batch::Settle() {
  RETURN_IF_ERROR(pacer_.Check());
  const size_t bytes = memory();
  if (bytes > max_bytes_ && size() > 1) return TooWide();
  if (bytes <= reserved_.bytes()) return absl::OkStatus();
  const Status reserved = reserved_.Grow(bytes - reserved_.bytes());
  return !reserved.ok() && size() > kFewBatchRows ? TooWide() : reserved;
}

void Batch::AddColumn(const LabelColumn& column) {
  columns_.push_back(column);
  CountMemory(kColumnBytes);
  if (columns_.size() <= kMaxSearchedColumns) return;
  for (size_t i = column_index_.size(); i < columns_.size(); ++i) {
    column_index_.emplace(std::pair(columns_[i].name, columns_[i].category), i);
  }
}

LabelColumn* Batch::Find(std::string_view name, LabelCategory category) {
  if (column_index_.empty()) {
    for (LabelColumn& column : columns_) {
      if (column.category == category && column.name == name) return &column;
    }
    return nullptr;
  }
  const auto found = column_index_.find({name, category});
  return found == column_index_.end() ? nullptr : &columns_[found->second];
}

const LabelColumn* Batch::Find(std::string_view name, LabelCategory category) const {
  return const_cast<Batch*>(this)->Find(name, category);
}

std::span<std::string_view> Batch::Writable(std::string_view name, LabelCategory category) {
  LabelColumn* column = Find(name, category);
  if (column != nullptr && column->writable) {
    return {const_cast<std::string_view*>(column->cells.values.data()), size()};
  }
  std::span<std::string_view> cells = arena_.NewArray<std::string_view>(size());
  if (column == nullptr) {
    std::fill(cells.begin(), cells.end(), kAbsent);
    AddColumn({arena_.Copy(name), category, {}, false});
    column = &columns_.back();
  } else {
    for (uint32_t row = 0; row < size(); ++row) cells[row] = column->cells[row];
  }
  column->cells = StringColumn{StringColumn::Kind::kPlain, cells, {}};
  column->writable = true;
  CountWork(cells.size_bytes());
  return cells;
}

namespace {

// Sets one cell of a column that exists only once a cell is set.
void SetCell(Arena* arena, uint32_t rows, uint32_t row, std::string_view text,
             std::span<std::string_view>* cells) {
  if (cells->empty()) {
    if (IsAbsent(text)) return;
    *cells = arena->NewArray<std::string_view>(rows);
    std::fill(cells->begin(), cells->end(), kAbsent);
  }
  (*cells)[row] = text;
}

}  // namespace

void Batch::SetError(uint32_t row, std::string_view error) {
  SetCell(&arena_, size(), row, error, &errors_);
}

void Batch::SetErrorDetails(uint32_t row, std::string_view details) {
  SetCell(&arena_, size(), row, details, &details_);
}

LabelReader::LabelReader(const Batch& batch, std::string_view name) : batch_(batch), name_(name) {
  if (name == kErrorLabel) {
    kind_ = Kind::kError;
  } else if (name == kErrorDetailsLabel) {
    kind_ = Kind::kErrorDetails;
  } else {
    parsed_ = batch.Find(name, LabelCategory::kParsed);
    metadata_ = batch.Find(name, LabelCategory::kMetadata);
    stream_ = batch.Find(name, LabelCategory::kStream);
  }
}

std::string_view LabelReader::operator()(uint32_t row) const {
  if (kind_ == Kind::kError) return batch_.error(row);
  if (kind_ == Kind::kErrorDetails) return batch_.error_details(row);
  for (const LabelColumn* column : {parsed_, metadata_}) {
    if (column == nullptr) continue;
    const std::string_view cell = column->cells[row];
    if (!HasNoValue(cell)) return cell;
  }
  if (stream_ != nullptr) {
    const std::string_view cell = stream_->cells[row];
    return IsRemoved(cell) ? kAbsent : cell;
  }
  const uint32_t stream = batch_.stream_of[row];
  if (stream != cached_stream_) {
    cached_stream_ = stream;
    cached_value_ = batch_.stream(row).labels.Get(name_);
  }
  return cached_value_;
}

}  // namespace skald::query
