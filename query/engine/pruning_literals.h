// Which of the literals that a query requires are asked of the filters of parts: the few that are
// likely to rule out most. Filters cost time and memory for each, whatever they rule out.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "query/stage/pipeline.h"

namespace skald::query {

// Groups of literals, and conditions on fields, that a query asks filters about at most.
inline constexpr size_t kMaxAskedGroups = 16;
// A group of more alternatives is not asked about.
inline constexpr size_t kMaxAskedAlternatives = 1024;

// Of all the groups that lines must satisfy to meet every one of `conditions`, those whose shortest
// alternative is the longest. Lines that meet the conditions satisfy these too.
RequiredLiterals AskedLiterals(std::span<const LineCondition> conditions);

// Likewise of conditions on fields, in place.
void KeepAskedFields(std::vector<FieldCondition>* conditions);

}  // namespace skald::query
