// All labels of one row, as templates and results see them.
#pragma once

#include <vector>

#include "query/batch/batch.h"
#include "storage/model/labels.h"

namespace skald::query {

// Collects the labels of rows of one batch, with the error state while it is set. Invalid once
// columns change. Threads: externally synchronised.
class RowLabels {
 public:
  explicit RowLabels(const Batch& batch) : batch_(batch) {}

  // The row's labels sorted by name, names unique; valid until the next call.
  const std::vector<LabelView>& Of(uint32_t row);

 private:
  const Batch& batch_;
  // Columns in order of name, then of precedence; made on first use.
  std::vector<const LabelColumn*> columns_;
  std::vector<LabelView> labels_;
};

}  // namespace skald::query
