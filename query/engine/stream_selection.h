// Selecting the streams of a query within its limits.
#pragma once

#include <memory>
#include <span>

#include "query/engine/query_context.h"
#include "storage/model/matcher.h"
#include "storage/model/timestamp.h"
#include "storage/reader.h"

namespace skald::query {

// Selects from the query's snapshot and notes it in the statistics. InvalidArgument when the units
// hold more bytes than max_query_bytes_read, or more for each hour of the range until
// now than max_querier_bytes_read.
StatusOr<std::unique_ptr<storage::Selection>> SelectStreams(std::span<const Matcher> matchers,
                                                            TimeRange range, QueryContext* context);

}  // namespace skald::query
