// The pieces of log answers that several endpoints write alike.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "query/engine/result.h"
#include "server/http/json_writer.h"
#include "storage/model/labels.h"

namespace skald::api {

// What a client may ask for beside the entries, such as `categorize-labels`.
inline constexpr std::string_view kEncodingFlagsHeader = "X-Loki-Response-Encoding-Flags";

// The value of that header as an array of its flags.
void WriteFlags(std::string_view encoding_flags, http::JsonWriter* json);

// True if it asks for `categorize-labels`.
bool WantsCategories(std::string_view encoding_flags);

// An object of names and values.
void WriteLabels(std::span<const LabelView> labels, http::JsonWriter* json);

// `["<ns>","<line>"]`; with `categories` a third element tells labels apart.
void WriteEntry(const query::LogEntry& entry, bool categories, http::JsonWriter* json);

// `{"ts":"<RFC 3339>","line":"<line>"}`, as the legacy endpoints have it.
void WriteLegacyEntry(const query::LogEntry& entry, http::JsonWriter* json);

}  // namespace skald::api
