// Syntax tree to text: the canonical one-line form (messages, stage errors) and the pretty form
// (format_query).
#pragma once

#include <string>

#include "query/syntax/ast.h"

namespace skald::query {

std::string Print(const Query& query);
std::string Print(const LogExpr& log);
std::string Print(const MetricExpr& expr);
// A stage as stage errors show it, with its leading `|` or line-filter operator.
std::string Print(const Stage& stage);
std::string Print(const LabelCondition& condition);

// At most 100 bytes a line where it can be, nested by two spaces.
std::string PrettyPrint(const Query& query);

}  // namespace skald::query
