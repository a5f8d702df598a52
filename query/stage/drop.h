// `| drop name, other="value"`: removes labels (logql.md 5.9).
#pragma once

#include <memory>
#include <vector>

#include "query/stage/label_selector.h"

namespace skald::query {

// Threads: externally synchronised.
class LabelDropper : public Operator {
 public:
  // InvalidArgument with the cause of the stage error.
  static StatusOr<std::unique_ptr<LabelDropper>> Create(const DropStage& stage);

  Status Apply(Batch* batch) override;

 private:
  explicit LabelDropper(std::vector<SelectedLabel> labels) : labels_(std::move(labels)) {}

  std::vector<SelectedLabel> labels_;
};

}  // namespace skald::query
