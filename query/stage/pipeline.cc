#include "query/stage/pipeline.h"

#include <algorithm>

#include "query/stage/pipeline_compiler.h"
#include "storage/model/regex_allowance.h"

namespace skald::query {
namespace {

bool IsErrorLabel(std::string_view name) {
  return name == kErrorLabel || name == kErrorDetailsLabel;
}

}  // namespace

StatusOr<std::unique_ptr<Pipeline>> Pipeline::Compile(const LogExpr& log,
                                                      const PipelineOptions& options) {
  const RegexAllowance allowance;
  return PipelineCompiler(log, options).Compile();
}

bool Pipeline::is_idle(std::span<const std::string_view> metadata_names) const {
  if (operators_.empty()) return true;
  return only_drops_errors_ &&
         std::none_of(metadata_names.begin(), metadata_names.end(), IsErrorLabel);
}

Status Pipeline::Run(Batch* batch) {
  for (const std::unique_ptr<Operator>& step : operators_) {
    if (batch->selection.empty()) break;
    RETURN_IF_ERROR(step->Apply(batch));
  }
  return absl::OkStatus();
}

}  // namespace skald::query
