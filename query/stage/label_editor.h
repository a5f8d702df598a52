// Reads, sets and removes one label of any row, whatever category it has (logql.md 5.1).
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "query/batch/batch.h"

namespace skald::query {

// Keeps to one batch; stages that change labels make one per label and batch, and while it is in
// use nothing else may add columns of its name. Columns are made when the first row needs them. The
// error state is not touched.
//
// Threads: externally synchronised.
class LabelEditor {
 public:
  // `name` must live as long as this.
  LabelEditor(Batch* batch, std::string_view name);

  // The row's value by precedence; kAbsent for none.
  std::string_view Value(uint32_t row) const;
  // Makes it a parsed label of this value, which must live as long as the batch's rows.
  void Set(uint32_t row, std::string_view value);
  // Removes it from every category; parsers do not set a removed parsed label again.
  void Remove(uint32_t row);

 private:
  // The cell of the row in the column of a category; kAbsent while there is no column.
  std::string_view Cell(LabelCategory category, uint32_t row) const;
  // The row's value as a stream label.
  std::string_view StreamValue(uint32_t row) const;
  std::span<std::string_view> Writable(LabelCategory category);
  std::span<std::string_view> WritableStream();

  Batch* batch_;
  std::string_view name_;
  // Positions in batch_->columns() by category, or -1.
  std::array<int, 3> columns_;
  mutable uint32_t stream_ = UINT32_MAX;
  mutable std::string_view stream_value_;
};

}  // namespace skald::query
