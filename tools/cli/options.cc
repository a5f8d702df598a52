#include "tools/cli/options.h"

#include <algorithm>

namespace skald::cli {
namespace {

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool PrintOptions::Shows(const std::string& label) const {
  bool chosen = include_labels.empty() || Contains(include_labels, label);
  return chosen && !Contains(exclude_labels, label);
}

}  // namespace skald::cli
