#include "storage/model/column_rows.h"

#include <algorithm>

namespace skald {
namespace {

bool AreNeighbours(std::span<const uint32_t> rows) {
  return rows.back() - rows.front() + 1 == rows.size();
}

template <typename T>
std::span<const T> Pick(std::span<const T> cells, std::span<const uint32_t> rows, Arena* arena) {
  if (rows.empty()) return {};
  if (AreNeighbours(rows)) return cells.subspan(rows.front(), rows.size());
  const std::span<T> picked = arena->NewArray<T>(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) picked[i] = cells[rows[i]];
  return picked;
}

std::span<std::string_view> AbsentCells(size_t count, Arena* arena) {
  const std::span<std::string_view> cells = arena->NewArray<std::string_view>(count);
  std::fill(cells.begin(), cells.end(), kAbsent);
  return cells;
}

}  // namespace

StringColumn PickRows(const StringColumn& column, std::span<const uint32_t> rows, Arena* arena) {
  StringColumn picked = column;
  switch (column.kind) {
    case StringColumn::Kind::kConstant:
      break;
    case StringColumn::Kind::kDictionary:
      picked.codes = Pick(column.codes, rows, arena);
      break;
    case StringColumn::Kind::kPlain:
      picked.values = Pick(column.values, rows, arena);
      break;
  }
  return picked;
}

StringColumn PickRows(const SparseColumn& column, std::span<const uint32_t> rows, Arena* arena) {
  if (rows.empty()) return AbsentColumn();
  const bool neighbours = AreNeighbours(rows);
  auto from = std::lower_bound(column.rows.begin(), column.rows.end(), rows.front());
  auto place = rows.begin();
  std::span<std::string_view> cells;
  for (; from != column.rows.end() && *from <= rows.back(); ++from) {
    place = neighbours ? rows.begin() + (*from - rows.front())
                       : std::lower_bound(place, rows.end(), *from);
    if (*place != *from) continue;
    if (cells.empty()) cells = AbsentCells(rows.size(), arena);
    cells[place - rows.begin()] = column.values[from - column.rows.begin()];
  }
  return cells.empty() ? AbsentColumn() : StringColumn{StringColumn::Kind::kPlain, cells, {}};
}

StringColumn SpreadOut(const SparseColumn& column, uint32_t rows, Arena* arena) {
  const std::span<std::string_view> cells = AbsentCells(rows, arena);
  for (size_t i = 0; i < column.rows.size(); ++i) cells[column.rows[i]] = column.values[i];
  return {StringColumn::Kind::kPlain, cells, {}};
}

}  // namespace skald
