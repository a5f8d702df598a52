#include "query/stage/drop.h"

#include "query/stage/label_editor.h"

namespace skald::query {
namespace {

// __error__ and __error_details__ are dropped one by one.
void DropError(const SelectedLabel& label, Batch* batch) {
  const bool details = label.name == kErrorDetailsLabel;
  for (const uint32_t row : batch->selection) {
    const std::string_view value = details ? batch->error_details(row) : batch->error(row);
    if (!label.Covers(value)) continue;
    if (details) {
      batch->SetErrorDetails(row, kAbsent);
    } else {
      batch->SetError(row, kAbsent);
    }
  }
}

}  // namespace

StatusOr<std::unique_ptr<LabelDropper>> LabelDropper::Create(const DropStage& stage) {
  ASSIGN_OR_RETURN(std::vector<SelectedLabel> labels, CompileSelectedLabels(stage.labels));
  return std::unique_ptr<LabelDropper>(new LabelDropper(std::move(labels)));
}

Status LabelDropper::Apply(Batch* batch) {
  for (const SelectedLabel& label : labels_) {
    if (label.name == kErrorLabel || label.name == kErrorDetailsLabel) {
      DropError(label, batch);
      continue;
    }
    LabelEditor editor(batch, label.name);
    for (const uint32_t row : batch->selection) {
      if (!label.condition || label.Covers(editor.Value(row))) editor.Remove(row);
    }
  }
  return batch->too_wide() ? TooWide() : absl::OkStatus();
}

}  // namespace skald::query
