#include "query/stage/drop.h"

#include "query/stage/label_editor.h"

namespace skald::query {
namespace {

// __error__ and __error_details__ are dropped one by one.
Status DropError(const SelectedLabel& label, Batch* batch) {
  const bool details = label.name == kErrorDetailsLabel;
  return batch->ForEachRow([&](uint32_t row) {
    const std::string_view value = details ? batch->error_details(row) : batch->error(row);
    if (!label.Covers(value)) return;
    if (details) {
      batch->SetErrorDetails(row, kAbsent);
    } else {
      batch->SetError(row, kAbsent);
    }
  });
}

}  // namespace

StatusOr<std::unique_ptr<LabelDropper>> LabelDropper::Create(const DropStage& stage) {
  ASSIGN_OR_RETURN(std::vector<SelectedLabel> labels, CompileSelectedLabels(stage.labels));
  return std::unique_ptr<LabelDropper>(new LabelDropper(std::move(labels)));
}

Status LabelDropper::Apply(Batch* batch) {
  for (const SelectedLabel& label : labels_) {
    if (label.name == kErrorLabel || label.name == kErrorDetailsLabel) {
      RETURN_IF_ERROR(DropError(label, batch));
      continue;
    }
    LabelEditor editor(batch, label.name);
    RETURN_IF_ERROR(batch->ForEachRow([&](uint32_t row) {
      if (!label.condition || label.Covers(editor.Value(row))) editor.Remove(row);
    }));
  }
  return absl::OkStatus();
}

}  // namespace skald::query
