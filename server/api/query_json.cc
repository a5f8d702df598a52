#include "server/api/query_json.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "server/api/stats_json.h"
#include "storage/model/labels.h"

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

void WriteLabels(std::span<const LabelView> labels, JsonWriter* json) {
  json->BeginObject();
  for (const LabelView& label : labels) {
    json->Key(label.name);
    json->String(label.value);
  }
  json->EndObject();
}

void WriteWarnings(const std::vector<std::string>& warnings, JsonWriter* json) {
  if (warnings.empty()) return;
  json->Key("warnings");
  json->BeginArray();
  for (const std::string& warning : warnings) json->String(warning);
  json->EndArray();
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

void WriteEntry(const query::LogEntry& entry, bool categories, JsonWriter* json) {
  json->BeginArray();
  json->IntegerString(entry.timestamp);
  json->String(entry.line, JsonEscape::kHtml);
  if (categories) WriteEntryLabels(entry.labels, json);
  json->EndArray();
}

void WriteStreams(const query::LogResult& result, bool categories, JsonWriter* json) {
  json->BeginArray();
  for (const query::LogStream& stream : result.streams) {
    json->BeginObject();
    json->Key("stream");
    WriteLabels(stream.labels, json);
    json->Key("values");
    json->BeginArray();
    for (const query::LogEntry& entry : stream.entries) WriteEntry(entry, categories, json);
    json->EndArray();
    json->EndObject();
  }
  json->EndArray();
}

void WriteSample(const query::Sample& sample, JsonWriter* json) {
  json->BeginArray();
  json->Seconds(sample.timestamp);
  json->DoubleString(sample.value);
  json->EndArray();
}

void WriteSeries(const query::MetricSeries& series, bool matrix, JsonWriter* json) {
  json->BeginObject();
  json->Key("metric");
  WriteLabels(series.labels, json);
  json->Key(matrix ? "values" : "value");
  if (matrix) {
    json->BeginArray();
    for (const query::Sample& sample : series.samples) WriteSample(sample, json);
    json->EndArray();
  } else {
    WriteSample(series.samples.front(), json);
  }
  json->EndObject();
}

void WriteMetricResult(const query::MetricResult& result, JsonWriter* json) {
  using Type = query::MetricResult::Type;
  if (result.type == Type::kScalar) return WriteSample(result.series.front().samples.front(), json);
  json->BeginArray();
  for (const query::MetricSeries& series : result.series) {
    if (series.samples.empty()) continue;
    WriteSeries(series, result.type == Type::kMatrix, json);
  }
  json->EndArray();
}

std::string_view TypeName(query::MetricResult::Type type) {
  switch (type) {
    case query::MetricResult::Type::kScalar:
      return "scalar";
    case query::MetricResult::Type::kVector:
      return "vector";
    case query::MetricResult::Type::kMatrix:
      return "matrix";
  }
  return "";
}

void WriteLogAnswer(const query::QueryResult& result, const AnswerExtras& extras,
                    JsonWriter* json) {
  json->BeginObject();
  json->Key("status");
  json->String("success");
  WriteWarnings(result.warnings, json);
  json->Key("data");
  json->BeginObject();
  json->Key("resultType");
  json->String("streams");
  if (!extras.encoding_flags.empty()) {
    // Before the result: Grafana's reader goes by it.
    json->Key("encodingFlags");
    json->BeginArray();
    for (const std::string_view flag : SplitFlags(extras.encoding_flags)) json->String(flag);
    json->EndArray();
  }
  json->Key("result");
  WriteStreams(*result.log(), WantsCategories(extras.encoding_flags), json);
  json->Key("stats");
  WriteStats(result.stats, extras.queue_nanos, json);
  json->EndObject();
  json->EndObject();
}

void WriteMetricAnswer(const query::QueryResult& result, const AnswerExtras& extras,
                       JsonWriter* json) {
  json->BeginObject();
  json->Key("status");
  json->String("success");
  json->Key("data");
  json->BeginObject();
  json->Key("resultType");
  json->String(TypeName(result.metric()->type));
  json->Key("result");
  WriteMetricResult(*result.metric(), json);
  json->Key("stats");
  WriteStats(result.stats, extras.queue_nanos, json);
  json->EndObject();
  WriteWarnings(result.warnings, json);
  json->EndObject();
}

std::string Rfc3339Nano(int64_t nanos) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", absl::FromUnixNanos(nanos), absl::UTCTimeZone());
}

void WriteVolumeSample(const query::VolumeSample& sample, JsonWriter* json) {
  json->BeginArray();
  json->Seconds(sample.timestamp);
  json->IntegerString(static_cast<int64_t>(sample.bytes));
  json->EndArray();
}

void WriteVolume(const query::VolumeSeries& series, bool matrix, JsonWriter* json) {
  json->BeginObject();
  json->Key("metric");
  json->BeginObject();
  if (!series.name.empty()) {
    json->Key(series.name);
    json->String("");
  }
  for (size_t i = 0; i < series.labels.size(); ++i) {
    json->Key(series.labels[i].name);
    json->String(series.labels[i].value);
  }
  json->EndObject();
  json->Key(matrix ? "values" : "value");
  if (matrix) json->BeginArray();
  for (const query::VolumeSample& sample : series.samples) WriteVolumeSample(sample, json);
  if (matrix) json->EndArray();
  json->EndObject();
}

}  // namespace

bool WantsCategories(std::string_view encoding_flags) {
  const auto flags = SplitFlags(encoding_flags);
  return std::find(flags.begin(), flags.end(), "categorize-labels") != flags.end();
}

void WriteAnswer(const query::QueryResult& result, const AnswerExtras& extras, http::Text* text) {
  JsonWriter json(text);
  if (result.log() == nullptr) return WriteMetricAnswer(result, extras, &json);
  WriteLogAnswer(result, extras, &json);
  text->Append("\n");
}

void WriteLegacyAnswer(const query::QueryResult& result, const AnswerExtras& extras,
                       http::Text* text) {
  JsonWriter json(text);
  json.BeginObject();
  json.Key("streams");
  json.BeginArray();
  for (const query::LogStream& stream : result.log()->streams) {
    json.BeginObject();
    json.Key("labels");
    json.String(LabelsToString(stream.labels), JsonEscape::kHtml);
    json.Key("entries");
    json.BeginArray();
    for (const query::LogEntry& entry : stream.entries) {
      json.BeginObject();
      json.Key("ts");
      json.String(Rfc3339Nano(entry.timestamp));
      json.Key("line");
      json.String(entry.line, JsonEscape::kHtml);
      json.EndObject();
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.Key("stats");
  WriteStats(result.stats, extras.queue_nanos, &json);
  json.EndObject();
  text->Append("\n");
}

void WriteVolumes(std::span<const query::VolumeSeries> volumes, bool matrix,
                  const query::QueryStats& stats, http::Text* text) {
  JsonWriter json(text);
  json.BeginObject();
  json.Key("status");
  json.String("success");
  json.Key("data");
  json.BeginObject();
  json.Key("resultType");
  json.String(matrix ? "matrix" : "vector");
  json.Key("result");
  json.BeginArray();
  for (const query::VolumeSeries& series : volumes) {
    if (!series.samples.empty()) WriteVolume(series, matrix, &json);
  }
  json.EndArray();
  json.Key("stats");
  WriteStats(stats, 0, &json);
  json.EndObject();
  json.EndObject();
}

}  // namespace skald::api
