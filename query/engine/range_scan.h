// Scans the rows of a range aggregation into its range function.
//
// Units are scanned in parallel and merged in order. Where neither lines nor metadata decide
// anything, rows are counted by ranks or time stamps alone and no batch is built.
#pragma once

#include <memory>
#include <vector>

#include "query/engine/query_context.h"
#include "query/engine/range_function.h"
#include "query/engine/range_plan.h"
#include "query/engine/row_grouper.h"
#include "query/engine/shared_series.h"
#include "query/engine/unit_scanner.h"
#include "query/engine/windows.h"

namespace skald::query {

struct RangeScanInput {
  const storage::Selection* selection;
  const LogExpr* log;
  const RangePlan* plan;
  const Windows* windows;
  RangeFunction* function;
  SharedSeries* series;
};

// Scans all units of the selection; statistics go to the context. Returns the error of the first
// unit that has one, a pipeline error of a row among them.
Status ScanRange(const RangeScanInput& input, QueryContext* context);

}  // namespace skald::query
