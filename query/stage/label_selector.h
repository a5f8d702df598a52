// The element lists of `drop` and `keep`: label names, some with a condition on the value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/stage/label_test.h"
#include "query/stage/pipeline.h"

namespace skald::query {

// One element, compiled.
struct SelectedLabel {
  std::string name;
  std::optional<LabelTest> test;

  // True if the element covers a label of this value (kAbsent: the row has none).
  bool Covers(std::string_view value) const {
    if (!test) return true;
    return test->Judge(IsAbsent(value) ? std::string_view("") : value) == Verdict::kKeep;
  }
};

// InvalidArgument with the cause of the stage error.
StatusOr<std::vector<SelectedLabel>> CompileSelectedLabels(const std::vector<NamedLabel>& labels);

}  // namespace skald::query
