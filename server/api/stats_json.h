// The `stats` object of an answer, every key of Loki's in its order.
#pragma once

#include "query/engine/query_stats.h"
#include "server/http/json_writer.h"

namespace skald::api {

// Writes the object as the next value.
void WriteStats(const query::QueryStats& stats, http::JsonWriter* json);

}  // namespace skald::api
