#include "query/stage/line_format.h"

#include "query/stage/batch_template_context.h"

namespace skald::query {

StatusOr<std::unique_ptr<LineFormatter>> LineFormatter::Create(std::string_view format,
                                                               int64_t now_ns) {
  StatusOr<Template> parsed = Template::Parse("line", format);
  if (!parsed.ok()) return Annotate(parsed.status(), "invalid line template");
  return std::unique_ptr<LineFormatter>(new LineFormatter(*std::move(parsed), now_ns));
}

Status LineFormatter::Apply(Batch* batch) {
  const auto& fields = template_.fields();
  BatchTemplateContext context(*batch, fields ? &*fields : nullptr, now_ns_);
  return batch->ForEachRow([&](uint32_t row) {
    context.MoveTo(row);
    line_.clear();
    const Status status = template_.Execute(context, &scratch_, &line_);
    batch->CountWork(scratch_.TakeWork());
    if (status.ok()) {
      batch->lines[row] = batch->arena()->Copy(line_);
    } else {
      batch->SetError(row, kTemplateFormatError);
      batch->SetErrorDetails(row, batch->arena()->Copy(Message(status)));
    }
  });
}

}  // namespace skald::query
