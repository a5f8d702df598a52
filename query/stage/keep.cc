#include "query/stage/keep.h"

#include <algorithm>
#include <string>

#include "query/stage/label_editor.h"

namespace skald::query {
namespace {

// Every label name that some selected row may have.
std::vector<std::string_view> NamesOf(const Batch& batch) {
  std::vector<std::string_view> names;
  for (const LabelColumn& column : batch.columns()) names.push_back(column.name);
  uint32_t stream = UINT32_MAX;
  for (const uint32_t row : batch.selection) {
    if (batch.stream_of[row] == stream) continue;
    stream = batch.stream_of[row];
    const LabelSet& labels = batch.stream(row).labels;
    for (size_t i = 0; i < labels.size(); ++i) names.push_back(labels[i].name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

StatusOr<std::unique_ptr<LabelKeeper>> LabelKeeper::Create(const KeepStage& stage) {
  ASSIGN_OR_RETURN(std::vector<SelectedLabel> labels, CompileSelectedLabels(stage.labels));
  return std::unique_ptr<LabelKeeper>(new LabelKeeper(std::move(labels)));
}

Status LabelKeeper::Apply(Batch* batch) {
  for (const std::string_view name : NamesOf(*batch)) {
    if (name != kPreserveErrorLabel) RETURN_IF_ERROR(Reduce(name, batch));
  }
  return absl::OkStatus();
}

// Removes one label from the rows in which no element covers it.
Status LabelKeeper::Reduce(std::string_view name, Batch* batch) const {
  std::vector<const SelectedLabel*> covering;
  for (const SelectedLabel& label : labels_) {
    if (label.name != name) continue;
    if (!label.condition) return absl::OkStatus();
    covering.push_back(&label);
  }
  LabelEditor editor(batch, name);
  return batch->ForEachRow([&](uint32_t row) {
    const std::string_view value = covering.empty() ? kAbsent : editor.Value(row);
    const bool kept = std::any_of(covering.begin(), covering.end(),
                                  [&](const SelectedLabel* label) { return label->Covers(value); });
    if (!kept) editor.Remove(row);
  });
}

}  // namespace skald::query
