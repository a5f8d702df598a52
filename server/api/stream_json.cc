#include "server/api/stream_json.h"

#include <algorithm>
#include <vector>

#include "absl/time/time.h"

namespace skald::api {
namespace {

using http::JsonEscape;
using http::JsonWriter;

std::vector<std::string_view> SplitFlags(std::string_view flags) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t comma = flags.find(',');
    parts.push_back(flags.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    flags.remove_prefix(comma + 1);
  }
}

void WriteEntryLabels(const query::EntryLabels* labels, JsonWriter* json) {
  json->BeginObject();
  if (labels != nullptr && !labels->metadata.empty()) {
    json->Key("structuredMetadata");
    WriteLabels(labels->metadata, json);
  }
  if (labels != nullptr && !labels->parsed.empty()) {
    json->Key("parsed");
    WriteLabels(labels->parsed, json);
  }
  json->EndObject();
}

std::string Rfc3339Nano(int64_t nanos) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", absl::FromUnixNanos(nanos), absl::UTCTimeZone());
}

}  // namespace

void WriteFlags(std::string_view encoding_flags, JsonWriter* json) {
  json->BeginArray();
  for (const std::string_view flag : SplitFlags(encoding_flags)) json->String(flag);
  json->EndArray();
}

bool WantsCategories(std::string_view encoding_flags) {
  const auto flags = SplitFlags(encoding_flags);
  return std::find(flags.begin(), flags.end(), "categorize-labels") != flags.end();
}

void WriteLabels(std::span<const LabelView> labels, JsonWriter* json) {
  json->BeginObject();
  for (const LabelView& label : labels) {
    json->Key(label.name);
    json->String(label.value);
  }
  json->EndObject();
}

void WriteEntry(const query::LogEntry& entry, bool categories, JsonWriter* json) {
  json->BeginArray();
  json->IntegerString(entry.timestamp);
  json->String(entry.line, JsonEscape::kHtml);
  if (categories) WriteEntryLabels(entry.labels, json);
  json->EndArray();
}

void WriteLegacyEntry(const query::LogEntry& entry, JsonWriter* json) {
  json->BeginObject();
  json->Key("ts");
  json->String(Rfc3339Nano(entry.timestamp));
  json->Key("line");
  json->String(entry.line, JsonEscape::kHtml);
  json->EndObject();
}

}  // namespace skald::api
