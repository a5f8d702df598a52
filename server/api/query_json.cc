#include "server/api/query_json.h"

#include <string>
#include <vector>

#include "server/api/stats_json.h"
#include "server/api/stream_json.h"
#include "storage/model/labels.h"

namespace skald::api {
namespace {

using http::JsonEscape;
using http::JsonWriter;

void WriteWarnings(const std::vector<std::string>& warnings, JsonWriter* json) {
  if (warnings.empty()) return;
  json->Key("warnings");
  json->BeginArray();
  for (const std::string& warning : warnings) json->String(warning);
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
    WriteFlags(extras.encoding_flags, json);
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
    for (const query::LogEntry& entry : stream.entries) WriteLegacyEntry(entry, &json);
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
