// The failure of a metric query over a row whose pipeline left an error (logql.md 8.4).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "query/batch/batch.h"
#include "storage/base/status.h"
#include "storage/model/labels.h"

namespace skald::query {

// True if a row with this error fails the query. `preserved`: the query groups by or filters on
// __error__, so that parser errors are part of the answer.
bool FailsQuery(std::string_view error, bool preserved);

// InvalidArgument with Loki's text, naming the error and all labels of the row. `unloaded` has the
// row's metadata that is not in the batch.
Status PipelineError(const Batch& batch, uint32_t row, std::span<const LabelView> unloaded);

}  // namespace skald::query
