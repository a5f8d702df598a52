// Answers of queries as Loki's JSON: key order, quoting and final newline byte for byte.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/engine/metadata.h"
#include "query/engine/result.h"
#include "server/http/text.h"
#include "storage/base/memory_budget.h"

namespace skald::api {

// The answer of query and query_range. `encoding_flags` are echoed as the client sent them; with
// `categorize` (one of them asks for it) entries carry their labels by category.
// The text's status tells whether it fits into `budget` (null: unbounded).
http::Text WriteQueryResult(const query::QueryResult& result,
                            std::span<const std::string> encoding_flags, bool categorize,
                            MemoryBudget* budget);

// The answer of index/volume (`is_range` false) and index/volume_range.
http::Text WriteVolumes(std::span<const query::VolumeSeries> volumes, bool is_range,
                        MemoryBudget* budget);

// `{"status":"success","data":["a","b"]}` and a newline; no `data` when there are no names.
http::Text WriteNames(std::span<const std::string> names, MemoryBudget* budget);

// The answer of series.
http::Text WriteSeries(std::span<const StreamPtr> series, MemoryBudget* budget);

}  // namespace skald::api
