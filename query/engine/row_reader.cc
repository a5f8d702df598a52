#include "query/engine/row_reader.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <string_view>

#include "query/engine/unit_scanner.h"

namespace skald::query {
namespace {

// Reads the rows of the scanner's open unit. `wanted` has indexes into `keys`, ascending by row.
Status ReadUnit(std::span<const size_t> wanted, std::span<const RowKey> keys, UnitScanner* scanner,
                absl::FunctionRef<Status(const ReadRow&)> take) {
  std::vector<uint32_t> rows;
  for (const size_t i : wanted) rows.push_back(keys[i].row);
  std::span<const uint32_t> rest(rows);
  std::vector<CategorisedLabel> labels;
  while (!rest.empty()) {
    ASSIGN_OR_RETURN(const size_t size, scanner->LoadFitting(rest, /*with_lines=*/true,
                                                             /*all_metadata=*/true));
    const Batch& batch = *scanner->batch();
    const CategorisedLabels reader(batch);
    for (const uint32_t row : batch.selection) {
      reader.Read(row, &labels);
      RETURN_IF_ERROR(take({wanted[row], batch.timestamps[row], batch.lines[row], labels}));
    }
    rest = rest.subspan(size);
    wanted = wanted.subspan(size);
  }
  return absl::OkStatus();
}

}  // namespace

Status ReadRows(const storage::Selection& selection, const LogExpr& log,
                std::span<const RowKey> keys, QueryContext* context,
                absl::FunctionRef<Status(const ReadRow&)> take) {
  ASSIGN_OR_RETURN(
      const std::unique_ptr<UnitScanner> scanner,
      UnitScanner::Create(selection, log, LogOptions(*context), context->budget, context->stop));
  std::vector<size_t> order(keys.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (keys[a].unit != keys[b].unit) return keys[a].unit < keys[b].unit;
    return keys[a].row < keys[b].row;
  });
  std::span<const size_t> rest(order);
  while (!rest.empty()) {
    const uint32_t unit = keys[rest.front()].unit;
    const auto end =
        std::find_if(rest.begin(), rest.end(), [&](size_t i) { return keys[i].unit != unit; });
    const auto count = static_cast<size_t>(end - rest.begin());
    ASSIGN_OR_RETURN(const bool open, scanner->Open(unit));
    if (open) RETURN_IF_ERROR(ReadUnit(rest.first(count), keys, scanner.get(), take));
    rest = rest.subspan(count);
  }
  QueryStats stats = scanner->TakeStats();
  // These were counted when the rows were found.
  stats.rows_matched = 0;
  stats.units_opened = 0;
  context->stats.Add(stats);
  return absl::OkStatus();
}

}  // namespace skald::query
