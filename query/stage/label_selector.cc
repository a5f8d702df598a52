#include "query/stage/label_selector.h"

#include <utility>

namespace skald::query {

StatusOr<std::vector<SelectedLabel>> CompileSelectedLabels(const std::vector<NamedLabel>& labels) {
  std::vector<SelectedLabel> compiled;
  for (const NamedLabel& label : labels) {
    SelectedLabel selected;
    selected.name = label.name;
    if (label.condition) {
      ASSIGN_OR_RETURN(selected.condition,
                       Matcher::Create(label.name, label.condition->op, label.condition->value));
    }
    compiled.push_back(std::move(selected));
  }
  return compiled;
}

}  // namespace skald::query
