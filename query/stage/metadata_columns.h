// Structured metadata on its way from storage into a batch.
#pragma once

#include <string_view>

#include "query/batch/batch.h"

namespace skald::query {

// Adds a metadata column over all rows of the batch. In rows whose stream has a label of that name
// it is called `<name>_extracted`. `__error__` and `__error_details__` set the error state instead
// (logql.md 5.1). `name` and `column` must live as long as the batch's rows.
//
// Call once per name, after the rows' streams are known and before any operator runs.
void AddMetadata(Batch* batch, std::string_view name, const StringColumn& column);

}  // namespace skald::query
