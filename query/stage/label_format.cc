#include "query/stage/label_format.h"

#include "query/stage/batch_template_context.h"
#include "query/stage/label_editor.h"
#include "query/stage/line_format.h"

namespace skald::query {

StatusOr<std::unique_ptr<LabelFormatter>> LabelFormatter::Create(const LabelFormatStage& stage,
                                                                 int64_t now_ns) {
  std::vector<Format> formats;
  StringSet targets;
  for (const LabelFormat& format : stage.formats) {
    if (format.target == kErrorLabel) return InvalidArgument("__error__ cannot be formatted");
    if (!targets.insert(format.target).second) {
      return InvalidArgument(StrCat("multiple label name '", format.target,
                                    "' not allowed in a single format operation"));
    }
    Format compiled{format.target, {}, std::nullopt};
    if (format.is_rename) {
      compiled.source = format.value;
    } else {
      StatusOr<Template> parsed = Template::Parse("label", format.value);
      if (!parsed.ok()) {
        return Annotate(parsed.status(),
                        StrCat("invalid template for label '", format.target, "'"));
      }
      compiled.label_template = *std::move(parsed);
    }
    formats.push_back(std::move(compiled));
  }
  return std::unique_ptr<LabelFormatter>(new LabelFormatter(std::move(formats), now_ns));
}

// All templates of a stage see the labels as they are when the first one runs.
Status LabelFormatter::Apply(Batch* batch) {
  std::vector<std::vector<std::string_view>> results(formats_.size());
  bool executed = false;
  for (size_t i = 0; i < formats_.size(); ++i) {
    const Format& format = formats_[i];
    if (!format.label_template) {
      RETURN_IF_ERROR(Rename(format, batch));
      continue;
    }
    for (size_t j = i; !executed && j < formats_.size(); ++j) {
      if (!formats_[j].label_template) continue;
      ASSIGN_OR_RETURN(results[j], Execute(*formats_[j].label_template, batch));
    }
    executed = true;
    SetResults(format, results[i], batch);
    RETURN_IF_ERROR(batch->Check());
  }
  return absl::OkStatus();
}

void LabelFormatter::SetResults(const Format& format, std::span<const std::string_view> results,
                                Batch* batch) {
  LabelEditor target(batch, format.target);
  for (size_t at = 0; at < batch->selection.size(); ++at) {
    const uint32_t row = batch->selection[at];
    if (IsAbsent(results[at])) continue;
    // The details of an error stand above a label of their name.
    if (format.target == kErrorDetailsLabel && !IsAbsent(batch->error_details(row))) continue;
    target.Set(row, results[at]);
  }
}

// A label renamed to its own name is removed.
Status LabelFormatter::Rename(const Format& format, Batch* batch) {
  LabelEditor source(batch, format.source);
  LabelEditor target(batch, format.target);
  return batch->ForEachRow([&](uint32_t row) {
    const std::string_view value = source.Value(row);
    if (IsAbsent(value)) return;
    if (format.source != format.target) target.Set(row, value);
    source.Remove(row);
  });
}

StatusOr<std::vector<std::string_view>> LabelFormatter::Execute(const Template& label_template,
                                                                Batch* batch) {
  const auto& fields = label_template.fields();
  BatchTemplateContext context(*batch, fields ? &*fields : nullptr, now_ns_);
  std::vector<std::string_view> results;
  results.reserve(batch->selection.size());
  RETURN_IF_ERROR(batch->ForEachRow([&](uint32_t row) {
    context.MoveTo(row);
    value_.clear();
    const Status status = label_template.Execute(context, &scratch_, &value_);
    batch->CountWork(scratch_.TakeWork());
    if (status.ok()) {
      results.push_back(batch->arena()->Copy(value_));
      return;
    }
    results.push_back(kAbsent);
    batch->SetError(row, kTemplateFormatError);
    batch->SetErrorDetails(row, batch->arena()->Copy(Message(status)));
  }));
  return results;
}

}  // namespace skald::query
