// One row of a batch as a template sees it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/stage/row_labels.h"
#include "query/template/template.h"

namespace skald::query {

// Moves from row to row of one batch while its columns stay. Threads: externally synchronised.
class BatchTemplateContext : public TemplateContext {
 public:
  // `fields`: the labels that the template may read, sorted; null when it may read any.
  BatchTemplateContext(const Batch& batch, const std::vector<std::string>* fields, int64_t now_ns);

  void MoveTo(uint32_t row) { row_ = row; }

  std::string_view Label(std::string_view name) const override;
  std::span<const LabelView> AllLabels(Arena* arena) const override;
  std::string_view line() const override {
    return batch_.lines.empty() ? std::string_view() : batch_.lines[row_];
  }
  int64_t timestamp_ns() const override { return batch_.timestamps[row_]; }
  int64_t now_ns() const override { return now_ns_; }

 private:
  const Batch& batch_;
  int64_t now_ns_;
  uint32_t row_ = 0;
  std::vector<std::pair<std::string_view, LabelReader>> readers_;  // sorted by name
  mutable RowLabels row_labels_;
};

}  // namespace skald::query
