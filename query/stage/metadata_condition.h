// What the label filters at the head of a pipeline ask of structured metadata.
#pragma once

#include <span>

#include "query/syntax/ast.h"
#include "storage/model/required_metadata.h"

namespace skald::query {

// What rows need to pass the label filters that come before any stage that sets or removes labels:
// equality with a value or a list of them, alone or joined by `and` and `or`.
RequiredMetadata MetadataRequiredBy(std::span<const Stage> stages);

}  // namespace skald::query
