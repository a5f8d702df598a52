// What the label filters of a pipeline ask of structured metadata and of lines.
#pragma once

#include <span>
#include <vector>

#include "query/syntax/ast.h"
#include "storage/model/line_matcher.h"
#include "storage/model/required_metadata.h"

namespace skald::query {

// What rows need to pass the label filters that come before any stage that sets or removes labels:
// equality with a value or a list of them, alone or joined by `and` and `or`.
RequiredMetadata MetadataRequiredBy(std::span<const Stage> stages);

// A condition on a label that a parser may have set: a row meets it by a label of its stream or by
// structured metadata, or else by its line.
struct FieldCondition {
  RequiredMetadata labels;    // one group
  RequiredLiterals literals;  // one group
};

// What rows need to pass the label filters behind parsers, on labels that nothing else sets:
// equality as above, with values that have a stretch of ASCII letters and digits to look for.
std::vector<FieldCondition> FieldsRequiredBy(std::span<const Stage> stages);

}  // namespace skald::query
