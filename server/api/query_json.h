// Query answers as JSON, keys in Loki's order.
#pragma once

#include <cstdint>
#include <string_view>

#include "query/engine/metadata.h"
#include "query/engine/result.h"
#include "server/http/json_writer.h"

namespace skald::api {

// What an answer has beside its result.
struct AnswerExtras {
  // The value of X-Loki-Response-Encoding-Flags; listed in answers with streams. Empty: none.
  std::string_view encoding_flags = {};
  int64_t queue_nanos = 0;
};

// The whole body: streams end with a line feed, metrics do not. With categories every value has a
// third element.
void WriteAnswer(const query::QueryResult& result, const AnswerExtras& extras, http::Text* text);

// The body of the legacy query endpoint. REQUIRES: a log result.
void WriteLegacyAnswer(const query::QueryResult& result, const AnswerExtras& extras,
                       http::Text* text);

// The body of index/volume (`matrix` false) and index/volume_range.
void WriteVolumes(std::span<const query::VolumeSeries> volumes, bool matrix,
                  const query::QueryStats& stats, http::Text* text);

}  // namespace skald::api
