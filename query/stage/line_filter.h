// Line filters: `|= "a" or "b"`, `!~ "re"`, `|> "<_> x"`, `!= ip("…")` (logql.md 5.3).
#pragma once

#include <utility>
#include <vector>

#include "query/stage/pipeline.h"

namespace skald::query {

// Compiles one filter with its `or` chain; no matcher if every line satisfies it. InvalidArgument
// with the cause of the stage error.
StatusOr<LineCondition> CompileLineFilter(const LineFilterStage& stage);

// Filters lines that earlier stages have changed. Threads: externally synchronised.
class LineFilter : public Operator {
 public:
  explicit LineFilter(LineCondition condition) : condition_(std::move(condition)) {}

  Status Apply(Batch* batch) override;

 private:
  LineCondition condition_;
};

}  // namespace skald::query
