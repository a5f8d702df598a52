#include "server/api/result_json.h"

#include "server/api/stats_json.h"
#include "server/http/json_writer.h"

namespace skald::api {
namespace {

using http::JsonEscape;
using http::JsonWriter;

void WriteLabels(std::span<const LabelView> labels, JsonWriter* json) {
  json->BeginObject();
  for (const LabelView& label : labels) {
    json->Key(label.name);
    json->String(label.value);
  }
  json->EndObject();
}

void WriteLabels(const LabelSet& labels, JsonWriter* json) {
  json->BeginObject();
  for (size_t i = 0; i < labels.size(); ++i) {
    json->Key(labels[i].name);
    json->String(labels[i].value);
  }
  json->EndObject();
}

void WriteStrings(std::span<const std::string> strings, JsonWriter* json) {
  json->BeginArray();
  for (const std::string& text : strings) json->String(text);
  json->EndArray();
}

void WriteWarnings(const std::vector<std::string>& warnings, JsonWriter* json) {
  if (warnings.empty()) return;
  json->Key("warnings");
  WriteStrings(warnings, json);
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

void WriteStreams(const query::LogResult& result, bool categorize, JsonWriter* json) {
  json->BeginArray();
  for (const query::LogStream& stream : result.streams) {
    json->BeginObject();
    json->Key("stream");
    WriteLabels(stream.labels, json);
    json->Key("values");
    json->BeginArray();
    for (const query::LogEntry& entry : stream.entries) {
      json->BeginArray();
      json->IntegerString(entry.timestamp);
      json->String(entry.line, JsonEscape::kHtml);
      if (categorize) WriteEntryLabels(entry.labels, json);
      json->EndArray();
    }
    json->EndArray();
    json->EndObject();
  }
  json->EndArray();
}

void WriteSample(int64_t timestamp, double value, JsonWriter* json) {
  json->BeginArray();
  json->Seconds(timestamp);
  json->DoubleString(value);
  json->EndArray();
}

void WriteMetricSeries(const query::MetricSeries& series, bool matrix, JsonWriter* json) {
  json->BeginObject();
  json->Key("metric");
  WriteLabels(series.labels, json);
  json->Key(matrix ? "values" : "value");
  if (matrix) json->BeginArray();
  for (const query::Sample& sample : series.samples) {
    WriteSample(sample.timestamp, sample.value, json);
  }
  if (matrix) json->EndArray();
  json->EndObject();
}

void WriteMetrics(const query::MetricResult& result, JsonWriter* json) {
  if (result.type == query::MetricResult::Type::kScalar) {
    for (const query::MetricSeries& series : result.series) {
      WriteSample(series.samples[0].timestamp, series.samples[0].value, json);
    }
    return;
  }
  json->BeginArray();
  for (const query::MetricSeries& series : result.series) {
    WriteMetricSeries(series, result.type == query::MetricResult::Type::kMatrix, json);
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

// `{"status":"success"` with everything up to the value of `result`.
void BeginAnswer(std::string_view result_type, JsonWriter* json) {
  json->BeginObject();
  json->Key("status");
  json->String("success");
  json->Key("data");
  json->BeginObject();
  json->Key("resultType");
  json->String(result_type);
}

void WriteLogAnswer(const query::QueryResult& result, std::span<const std::string> encoding_flags,
                    bool categorize, JsonWriter* json) {
  json->BeginObject();
  json->Key("status");
  json->String("success");
  WriteWarnings(result.warnings, json);
  json->Key("data");
  json->BeginObject();
  json->Key("resultType");
  json->String("streams");
  if (!encoding_flags.empty()) {
    json->Key("encodingFlags");
    WriteStrings(encoding_flags, json);
  }
  json->Key("result");
  WriteStreams(*result.log(), categorize, json);
  json->Key("stats");
  WriteStats(result.stats, json);
  json->EndObject();
  json->EndObject();
}

void WriteMetricAnswer(const query::QueryResult& result, JsonWriter* json) {
  BeginAnswer(TypeName(result.metric()->type), json);
  json->Key("result");
  WriteMetrics(*result.metric(), json);
  json->Key("stats");
  WriteStats(result.stats, json);
  json->EndObject();
  WriteWarnings(result.warnings, json);
  json->EndObject();
}

void WriteVolumeSeries(const query::VolumeSeries& series, bool is_range, JsonWriter* json) {
  json->BeginObject();
  json->Key("metric");
  if (series.name.empty()) {
    WriteLabels(series.labels, json);
  } else {
    json->BeginObject();
    json->Key(series.name);
    json->String("");
    json->EndObject();
  }
  json->Key(is_range ? "values" : "value");
  if (is_range) json->BeginArray();
  for (const query::VolumeSample& sample : series.samples) {
    WriteSample(sample.timestamp, static_cast<double>(sample.bytes), json);
  }
  if (is_range) json->EndArray();
  json->EndObject();
}

}  // namespace

http::Text WriteQueryResult(const query::QueryResult& result,
                            std::span<const std::string> encoding_flags, bool categorize,
                            MemoryBudget* budget) {
  http::Text text(budget);
  JsonWriter json(&text);
  if (result.log() != nullptr) {
    WriteLogAnswer(result, encoding_flags, categorize, &json);
    text.Append("\n");
  } else {
    WriteMetricAnswer(result, &json);
  }
  return text;
}

http::Text WriteVolumes(std::span<const query::VolumeSeries> volumes, bool is_range,
                        MemoryBudget* budget) {
  http::Text text(budget);
  JsonWriter json(&text);
  BeginAnswer(is_range ? "matrix" : "vector", &json);
  json.Key("result");
  json.BeginArray();
  for (const query::VolumeSeries& series : volumes) WriteVolumeSeries(series, is_range, &json);
  json.EndArray();
  json.Key("stats");
  WriteStats(query::QueryStats(), &json);
  json.EndObject();
  json.EndObject();
  return text;
}

http::Text WriteNames(std::span<const std::string> names, MemoryBudget* budget) {
  http::Text text(budget);
  JsonWriter json(&text);
  json.BeginObject();
  json.Key("status");
  json.String("success");
  if (!names.empty()) {
    json.Key("data");
    WriteStrings(names, &json);
  }
  json.EndObject();
  text.Append("\n");
  return text;
}

http::Text WriteSeries(std::span<const StreamPtr> series, MemoryBudget* budget) {
  http::Text text(budget);
  JsonWriter json(&text);
  json.BeginObject();
  json.Key("status");
  json.String("success");
  json.Key("data");
  json.BeginArray();
  for (const StreamPtr& stream : series) WriteLabels(stream->labels, &json);
  json.EndArray();
  json.EndObject();
  text.Append("\n");
  return text;
}

}  // namespace skald::api
