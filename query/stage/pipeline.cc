#include "query/stage/pipeline.h"

#include "query/stage/pipeline_compiler.h"

namespace skald::query {

StatusOr<std::unique_ptr<Pipeline>> Pipeline::Compile(const LogExpr& log,
                                                      const PipelineOptions& options) {
  return PipelineCompiler(log, options).Compile();
}

Status Pipeline::Run(Batch* batch) {
  for (const std::unique_ptr<Operator>& step : operators_) {
    if (batch->selection.empty()) break;
    RETURN_IF_ERROR(step->Apply(batch));
  }
  return absl::OkStatus();
}

}  // namespace skald::query
