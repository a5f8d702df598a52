// Picks rows of columns, and holds columns in which few rows have a value.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "storage/base/arena.h"
#include "storage/model/column.h"

namespace skald {

// A borrowed column that tells only of the rows that have a value.
struct SparseColumn {
  std::span<const uint32_t> rows;            // ascending
  std::span<const std::string_view> values;  // of those rows
};

// The column in which every cell is absent.
inline StringColumn AbsentColumn() { return {StringColumn::Kind::kConstant, {&kAbsent, 1}, {}}; }
inline bool IsAbsent(const StringColumn& column) {
  return column.kind == StringColumn::Kind::kConstant && IsAbsent(column.values[0]);
}

// The cells of `rows` (ascending). Values are borrowed; codes and views are copied to `arena` where
// the rows are not neighbours.
StringColumn PickRows(const StringColumn& column, std::span<const uint32_t> rows, Arena* arena);

// The same of a sparse column: AbsentColumn() where none of the rows has a value, else spread out
// in `arena`.
StringColumn PickRows(const SparseColumn& column, std::span<const uint32_t> rows, Arena* arena);

// The cells of the rows 0 to rows - 1, in `arena`.
StringColumn SpreadOut(const SparseColumn& column, uint32_t rows, Arena* arena);

}  // namespace skald
