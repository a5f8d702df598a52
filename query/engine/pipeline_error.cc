#include "query/engine/pipeline_error.h"

#include <algorithm>
#include <string>
#include <vector>

#include "query/stage/row_labels.h"

namespace skald::query {

bool FailsQuery(std::string_view error, bool preserved) {
  if (IsAbsent(error)) return false;
  return !preserved || (error != "JSONParserErr" && error != "LogfmtParserErr");
}

Status PipelineError(const Batch& batch, uint32_t row, std::span<const LabelView> unloaded) {
  std::vector<LabelView> all = RowLabels(batch).Of(row);
  const LabelSet& stream = batch.stream(row).labels;
  std::vector<std::string> renamed;
  renamed.reserve(unloaded.size());
  for (const LabelView& label : unloaded) {
    std::string_view name = label.name;
    if (stream.Has(name)) name = renamed.emplace_back(StrCat(name, "_extracted"));
    all.push_back({name, label.value});
  }
  std::sort(all.begin(), all.end());
  const std::string_view error = batch.error(row);
  return InvalidArgument(
      StrCat("pipeline error: '", error, "' for series: '", LabelsToString(all),
             "'.\nUse a label filter to intentionally skip this error. (e.g | __error__!=\"", error,
             "\").\nTo skip all potential errors you can match empty errors.(e.g __error__=\"\")\n"
             "The label filter can also be specified after unwrap. (e.g | unwrap latency | "
             "__error__=\"\" )\n"));
}

}  // namespace skald::query
