// Syntax tree to text: the canonical one-line form (messages, stage errors) and the pretty form
// (format_query). Both parse back to an equal tree, unless a literal is NaN or infinite, which
// LogQL cannot write.
#pragma once

#include <span>
#include <string>

#include "query/syntax/ast.h"

namespace skald::query {

std::string Print(const Query& query);
std::string Print(const LogExpr& log);
std::string Print(const MetricExpr& expr);
// A stage as stage errors show it, with its leading `|` or line-filter operator.
std::string Print(const Stage& stage);
// Stages with a space between them. An error of a line filter shows it with the line filters that
// it adjoins.
std::string Print(std::span<const Stage> stages);
std::string Print(const LabelCondition& condition);

// What is longer than 100 bytes in the canonical form is broken into lines, nested by two spaces.
std::string PrettyPrint(const Query& query);

}  // namespace skald::query
