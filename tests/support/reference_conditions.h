// Which conditions of a query a parser asks before it is their turn.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "query/syntax/ast.h"

namespace skald::test_support {

// A condition on a single label, to be put to every value that a parser gives the label.
struct EarlyCondition {
  std::string name;
  const query::LabelCondition* condition;
};

// The conditions that the parser at log.stages[parser] puts to the labels it sets: those before it,
// and those behind it, also behind the unwrap (null: none), unless a stage on the way there may
// change the label. Conditions that rows in error pass (`ip()`) wait for their turn.
std::vector<EarlyCondition> EarlyConditionsOf(const query::LogExpr& log, size_t parser,
                                              const query::Unwrap* unwrap);

}  // namespace skald::test_support
