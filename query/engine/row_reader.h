// Reads the rows that a log query has chosen: runs them through the pipeline and keeps their lines
// and labels.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "query/engine/categorised_labels.h"
#include "query/engine/query_context.h"
#include "query/engine/top_rows.h"
#include "query/syntax/ast.h"
#include "storage/reader.h"

namespace skald::query {

// A row as it came out of the pipeline. Views live only during the call that gets it.
struct ReadRow {
  size_t index;  // in the keys that were asked for
  int64_t time;
  std::string_view line;
  const std::vector<CategorisedLabel>& labels;
};

// Reads `keys` unit by unit and hands each row that the pipeline keeps to `take`, in no particular
// order, one call at a time.
Status ReadRows(const storage::Selection& selection, const LogExpr& log,
                std::span<const RowKey> keys, QueryContext* context,
                absl::FunctionRef<Status(const ReadRow&)> take);

}  // namespace skald::query
