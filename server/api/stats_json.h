// The `stats` object of query answers: every key that Loki's has.
#pragma once

#include <cstdint>

#include "query/engine/metadata.h"
#include "query/engine/query_stats.h"
#include "server/http/json_writer.h"

namespace skald::api {

// Memtables stand in for Loki's ingester, parts for its store. What has no counterpart here is 0.
void WriteStats(const query::QueryStats& stats, int64_t queue_nanos, http::JsonWriter* json);

// `{"streams":…,"chunks":…,"bytes":…,"entries":…}`.
void WriteIndexStats(const query::IndexStats& stats, http::JsonWriter* json);

}  // namespace skald::api
