#include "query/engine/pruning_literals.h"

#include <algorithm>

namespace skald::query {
namespace {

using Group = std::vector<RequiredLiteral>;

size_t ShortestOf(const Group& group) {
  size_t shortest = group.empty() ? 0 : group.front().text.size();
  for (const RequiredLiteral& literal : group) shortest = std::min(shortest, literal.text.size());
  return shortest;
}

// Keeps the first of `all` when those with the greatest strength come first.
template <typename T, typename Strength>
void KeepStrongest(std::vector<T>* all, Strength&& strength) {
  if (all->size() <= kMaxAskedGroups) return;
  std::stable_sort(all->begin(), all->end(),
                   [&](const T& a, const T& b) { return strength(a) > strength(b); });
  all->resize(kMaxAskedGroups);
}

}  // namespace

RequiredLiterals AskedLiterals(std::span<const LineCondition> conditions) {
  std::vector<const Group*> groups;
  for (const LineCondition& condition : conditions) {
    if (condition.negate) continue;
    for (const Group& group : condition.matcher->required()) {
      if (group.size() <= kMaxAskedAlternatives) groups.push_back(&group);
    }
  }
  KeepStrongest(&groups, [](const Group* group) { return ShortestOf(*group); });
  RequiredLiterals asked;
  for (const Group* group : groups) asked.push_back(*group);
  return asked;
}

void KeepAskedFields(std::vector<FieldCondition>* conditions) {
  KeepStrongest(conditions, [](const FieldCondition& condition) {
    return condition.literals.empty() ? 0 : ShortestOf(condition.literals.front());
  });
}

}  // namespace skald::query
