// Which labels a pipeline reads, and which stages leave a label alone: the backward analysis behind
// the hints that parsers get (logql.md 5.10).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/stage/pipeline.h"

namespace skald::query {

// The names that single label conditions and combinations of them read.
void CollectConditionNames(const LabelCondition& condition, std::vector<std::string>* names);

// The labels that a query needs from its parsers if its result shows none but those it groups by:
// these, those that filters, templates and renames read, the unwrapped one, and of every
// `x_extracted` also `x`; sorted. Nothing if some template may read any label.
//
// Templates that do not parse read nothing here; compiling their stage reports them.
std::optional<std::vector<std::string>> NeededLabels(std::span<const Stage* const> stages,
                                                     const PipelineOptions& options);

// True if a stage other than a parser of all fields may set, rename or remove the label.
bool MayChangeLabel(const Stage& stage, std::string_view name);

// The stage as such.
bool IsParser(const Stage& stage);
bool ChangesLines(const Stage& stage);
// True for label_format and line_format stages with a template that reads the line.
bool TemplateReadsLine(const Stage& stage);

}  // namespace skald::query
