#include "query/stage/label_editor.h"

namespace skald::query {

LabelEditor::LabelEditor(Batch* batch, std::string_view name) : batch_(batch), name_(name) {
  for (const LabelCategory category :
       {LabelCategory::kStream, LabelCategory::kMetadata, LabelCategory::kParsed}) {
    const LabelColumn* column = batch->Find(name, category);
    columns_[static_cast<size_t>(category)] =
        column == nullptr ? -1 : static_cast<int>(column - batch->columns().data());
  }
}

std::string_view LabelEditor::Cell(LabelCategory category, uint32_t row) const {
  const int column = columns_[static_cast<size_t>(category)];
  return column < 0 ? kAbsent : batch_->columns()[static_cast<size_t>(column)].cells[row];
}

std::string_view LabelEditor::StreamValue(uint32_t row) const {
  if (columns_[static_cast<size_t>(LabelCategory::kStream)] >= 0) {
    return Cell(LabelCategory::kStream, row);
  }
  const uint32_t stream = batch_->stream_of[row];
  if (stream != stream_) {
    stream_ = stream;
    stream_value_ = batch_->stream(row).labels.Get(name_);
  }
  return stream_value_;
}

std::string_view LabelEditor::Value(uint32_t row) const {
  for (const LabelCategory category : {LabelCategory::kParsed, LabelCategory::kMetadata}) {
    const std::string_view cell = Cell(category, row);
    if (!HasNoValue(cell)) return cell;
  }
  return StreamValue(row);
}

std::span<std::string_view> LabelEditor::Writable(LabelCategory category) {
  int& column = columns_[static_cast<size_t>(category)];
  if (column >= 0 && batch_->columns()[static_cast<size_t>(column)].writable) {
    const StringColumn& cells = batch_->columns()[static_cast<size_t>(column)].cells;
    return {const_cast<std::string_view*>(cells.values.data()), cells.values.size()};
  }
  const auto cells = batch_->Writable(name_, category);
  column = static_cast<int>(batch_->Find(name_, category) - batch_->columns().data());
  return cells;
}

void LabelEditor::Set(uint32_t row, std::string_view value) {
  Writable(LabelCategory::kParsed)[row] = IsAbsent(value) ? PresentEmpty() : value;
}

// The column that replaces the streams' own values, with those values where nothing has changed.
std::span<std::string_view> LabelEditor::WritableStream() {
  const bool is_new = columns_[static_cast<size_t>(LabelCategory::kStream)] < 0;
  const auto cells = Writable(LabelCategory::kStream);
  if (!is_new) return cells;
  uint32_t stream = UINT32_MAX;
  std::string_view value;
  for (uint32_t row = 0; row < batch_->size(); ++row) {
    if (batch_->stream_of[row] != stream) {
      stream = batch_->stream_of[row];
      value = batch_->stream(row).labels.Get(name_);
    }
    cells[row] = value;
  }
  return cells;
}

void LabelEditor::Remove(uint32_t row) {
  if (!HasNoValue(Cell(LabelCategory::kParsed, row))) {
    Writable(LabelCategory::kParsed)[row] = kRemoved;
  }
  if (!IsAbsent(Cell(LabelCategory::kMetadata, row))) {
    Writable(LabelCategory::kMetadata)[row] = kAbsent;
  }
  if (!IsAbsent(StreamValue(row))) WritableStream()[row] = kAbsent;
}

}  // namespace skald::query
