// `| keep name, other="value"`: removes every label but these (logql.md 5.9).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "query/stage/label_selector.h"

namespace skald::query {

// The error labels always stay. Threads: externally synchronised.
class LabelKeeper : public Operator {
 public:
  // InvalidArgument with the cause of the stage error.
  static StatusOr<std::unique_ptr<LabelKeeper>> Create(const KeepStage& stage);

  Status Apply(Batch* batch) override;

 private:
  explicit LabelKeeper(std::vector<SelectedLabel> labels) : labels_(std::move(labels)) {}
  Status Reduce(std::string_view name, Batch* batch) const;

  std::vector<SelectedLabel> labels_;
};

}  // namespace skald::query
