#include "query/stage/batch_template_context.h"

#include <algorithm>

namespace skald::query {

BatchTemplateContext::BatchTemplateContext(const Batch& batch,
                                           const std::vector<std::string>* fields, int64_t now_ns)
    : batch_(batch), now_ns_(now_ns), row_labels_(batch) {
  if (fields == nullptr) return;
  for (const std::string& field : *fields) {
    readers_.emplace_back(field, LabelReader(batch, field));
  }
}

std::string_view BatchTemplateContext::Label(std::string_view name) const {
  const auto reader = std::lower_bound(
      readers_.begin(), readers_.end(), name,
      [](const auto& candidate, std::string_view wanted) { return candidate.first < wanted; });
  if (reader == readers_.end() || reader->first != name) return LabelReader(batch_, name)(row_);
  return reader->second(row_);
}

std::span<const LabelView> BatchTemplateContext::AllLabels(Arena* arena) const {
  (void)arena;
  return row_labels_.Of(row_);
}

}  // namespace skald::query
