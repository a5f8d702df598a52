#include "server/api/tail_json.h"

#include <algorithm>
#include <utility>

#include "server/api/stream_json.h"
#include "server/http/json_writer.h"
#include "server/http/text.h"
#include "storage/base/strings.h"

namespace skald::api {
namespace {

using http::JsonEscape;
using http::JsonWriter;

StreamText Shared(const http::Text& text) {
  return std::make_shared<const std::string>(text.ToString());
}

StreamText StreamJson(const query::LogStream& stream, const TailFormat& format) {
  http::Text text;
  JsonWriter json(&text);
  if (format.legacy) {
    json.String(LabelsToString(stream.labels), JsonEscape::kHtml);
  } else {
    WriteLabels(stream.labels, &json);
  }
  return Shared(text);
}

std::string EntryJson(const query::LogEntry& entry, const TailFormat& format) {
  http::Text text;
  JsonWriter json(&text);
  if (format.legacy) {
    WriteLegacyEntry(entry, &json);
  } else {
    WriteEntry(entry, format.categorize, &json);
  }
  return text.ToString();
}

void AppendDropped(std::span<const DroppedEntry> dropped, std::string* out) {
  *out += '[';
  for (const DroppedEntry& entry : dropped) {
    if (out->back() != '[') *out += ',';
    StrAppend(out, R"({"timestamp":")", entry.time, R"(","labels":)", *entry.stream, "}");
  }
  *out += ']';
}

size_t CountEntries(const query::LogResult& result) {
  size_t count = 0;
  for (const query::LogStream& stream : result.streams) count += stream.entries.size();
  return count;
}

size_t MessageBytes(std::span<const TailEntry> entries, std::span<const DroppedEntry> dropped) {
  size_t bytes = 2 * kAroundEntry;
  for (const TailEntry& entry : entries) bytes += entry.message_bytes();
  for (const DroppedEntry& entry : dropped) bytes += entry.message_bytes();
  return bytes;
}

std::string FlagsJson(const TailFormat& format) {
  http::Text text;
  JsonWriter json(&text);
  WriteFlags(format.encoding_flags, &json);
  return text.ToString();
}

}  // namespace

StatusOr<ChargedEntries> TailEntries(const query::LogResult& result, const TailFormat& format,
                                     MemoryBudget* memory) {
  ChargedEntries found{MemoryCharge(memory), {}};
  const size_t count = CountEntries(result);
  RETURN_IF_ERROR(found.charge.Add(count * sizeof(TailEntry)));
  found.entries.reserve(count);
  for (const query::LogStream& stream : result.streams) {
    const StreamText labels = StreamJson(stream, format);
    RETURN_IF_ERROR(found.charge.Add(labels->size()));
    for (const query::LogEntry& entry : stream.entries) {
      found.entries.push_back({entry.timestamp, labels, EntryJson(entry, format)});
      RETURN_IF_ERROR(found.charge.Add(found.entries.back().value.capacity()));
    }
  }
  std::stable_sort(found.entries.begin(), found.entries.end(),
                   [](const TailEntry& a, const TailEntry& b) { return a.time < b.time; });
  return found;
}

StreamText DroppedLabels(const LabelSet& labels) {
  http::Text text;
  JsonWriter json(&text);
  json.BeginObject();
  for (size_t i = 0; i < labels.size(); ++i) {
    json.Key(labels[i].name);
    json.String(labels[i].value);
  }
  json.EndObject();
  return Shared(text);
}

std::string TailMessage(std::span<const TailEntry> entries, std::span<const DroppedEntry> dropped,
                        const TailFormat& format) {
  std::string out;
  out.reserve(MessageBytes(entries, dropped));
  out = R"({"streams":[)";
  for (const TailEntry& entry : entries) {
    if (out.back() != '[') out += ',';
    StrAppend(&out, format.legacy ? R"({"labels":)" : R"({"stream":)", *entry.stream,
              format.legacy ? R"(,"entries":[)" : R"(,"values":[)", entry.value, "]}");
  }
  out += ']';
  if (!dropped.empty()) {
    out += R"(,"dropped_entries":)";
    AppendDropped(dropped, &out);
  } else if (format.legacy) {
    out += R"(,"dropped_entries":null)";
  }
  if (!format.legacy && !format.encoding_flags.empty()) {
    StrAppend(&out, R"(,"encodingFlags":)", FlagsJson(format));
  }
  out += '}';
  if (format.legacy) out += '\n';
  return out;
}

}  // namespace skald::api
