// Which blocks of a part can hold a matching line, from its filters alone.
#pragma once

#include "storage/base/row_set.h"
#include "storage/base/status.h"
#include "storage/model/line_matcher.h"
#include "storage/part/part.h"

namespace skald::storage {

// The blocks in which a line may satisfy `required` (a superset). Reads filters through the cache,
// never lines.
StatusOr<RowSet> PossibleBlocks(const Part& part, const RequiredLiterals& required);

}  // namespace skald::storage
