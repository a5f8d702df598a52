#include "query/engine/gather.h"

namespace skald::query {
namespace {

template <typename T>
std::span<const T> Gather(std::span<const T> cells, std::span<const uint32_t> rows, Arena* arena) {
  if (rows.empty()) return {};
  if (rows.back() - rows.front() + 1 == rows.size()) {
    return cells.subspan(rows.front(), rows.size());
  }
  const std::span<T> picked = arena->NewArray<T>(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) picked[i] = cells[rows[i]];
  return picked;
}

}  // namespace

StringColumn GatherColumn(const StringColumn& column, std::span<const uint32_t> rows,
                          Arena* arena) {
  StringColumn picked = column;
  switch (column.kind) {
    case StringColumn::Kind::kConstant:
      break;
    case StringColumn::Kind::kDictionary:
      picked.codes = Gather(column.codes, rows, arena);
      break;
    case StringColumn::Kind::kPlain:
      picked.values = Gather(column.values, rows, arena);
      break;
  }
  return picked;
}

void GatherStreams(std::span<const storage::StreamRun> runs, std::span<const uint32_t> rows,
                   std::vector<uint32_t>* streams) {
  streams->resize(rows.size());
  size_t run = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    while (rows[i] >= runs[run].end) ++run;
    (*streams)[i] = runs[run].stream;
  }
}

}  // namespace skald::query
