// The element lists of `drop` and `keep`: label names, some with a condition on the value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/stage/pipeline.h"
#include "storage/model/matcher.h"

namespace skald::query {

// One element, compiled. Its regex is anchored, as a stream selector's is.
struct SelectedLabel {
  std::string name;
  std::optional<Matcher> condition;

  // True if the element covers a label of this value (kAbsent, for none, counts as empty).
  bool Covers(std::string_view value) const { return !condition || condition->Matches(value); }
};

// InvalidArgument with the cause of the stage error.
StatusOr<std::vector<SelectedLabel>> CompileSelectedLabels(const std::vector<NamedLabel>& labels);

}  // namespace skald::query
