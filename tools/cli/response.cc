#include "tools/cli/response.h"

#include <charconv>

#include "storage/model/labels.h"
#include "tools/cli/json_document.h"

namespace skald::cli {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

StatusOr<int64_t> ParseNanoseconds(std::string_view text) {
  int64_t ns = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ns);
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidArgument(StrCat("timestamp is not a number: ", text));
  }
  return ns;
}

Labels ReadLabels(object members) {
  Labels labels;
  for (auto [name, value] : members) labels.emplace(name, TextOf(value));
  return labels;
}

Labels ReadLabels(element parent, std::string_view key) {
  return ReadLabels(ObjectAt(parent, key));
}

Status ReadEntries(element stream, LogStream* out) {
  for (element value : ArrayAt(stream, "values")) {
    ASSIGN_OR_RETURN(int64_t time, ParseNanoseconds(TextOf(value.at(0))));
    LogEntry& entry =
        out->entries.emplace_back(LogEntry{time, std::string(TextOf(value.at(1))), {}});
    element categories;
    if (value.at(2).get(categories) == simdjson::SUCCESS) {
      entry.metadata = ReadLabels(categories, "structuredMetadata");
    }
  }
  return absl::OkStatus();
}

StatusOr<std::vector<LogStream>> ReadStreams(array items) {
  std::vector<LogStream> streams;
  for (element item : items) {
    LogStream& stream = streams.emplace_back();
    stream.labels = ReadLabels(item, "stream");
    RETURN_IF_ERROR(ReadEntries(item, &stream));
  }
  return streams;
}

// A pair of time and value; anything else reads as zero and an empty value.
Sample ReadSample(simdjson::simdjson_result<element> pair) {
  return {NumberOf(pair.at(0)), std::string(TextOf(pair.at(1)))};
}

MetricSeries ReadSeries(element item, ResultType type) {
  MetricSeries series;
  series.labels = ReadLabels(item, "metric");
  if (type == ResultType::kVector) {
    series.samples.push_back(ReadSample(item["value"]));
    return series;
  }
  for (element value : ArrayAt(item, "values")) {
    series.samples.push_back({NumberOf(value.at(0)), std::string(TextOf(value.at(1)))});
  }
  return series;
}

// The object is three levels deep; what lies deeper is no statistic of ours.
void ReadStatistics(object object_in, const std::string& path, int depth, Statistics* out) {
  for (auto [key, value] : object_in) {
    std::string name = path.empty() ? std::string(key) : StrCat(path, ".", key);
    object inner;
    if (value.get(inner) == simdjson::SUCCESS) {
      if (depth < 4) ReadStatistics(inner, name, depth + 1, out);
    } else {
      (*out)[name] = NumberOf(value);
    }
  }
}

StatusOr<ResultType> ReadType(std::string_view name) {
  if (name == "streams") return ResultType::kStreams;
  if (name == "matrix") return ResultType::kMatrix;
  if (name == "vector") return ResultType::kVector;
  if (name == "scalar") return ResultType::kScalar;
  return InvalidArgument(StrCat("the answer has no known result type: ", name));
}

}  // namespace

std::string LabelsText(const Labels& labels) {
  std::vector<LabelView> views;
  for (const auto& [name, value] : labels) views.push_back({name, value});
  return LabelsToString(views);
}

StatusOr<QueryResponse> ParseQueryResponse(std::string_view json) {
  JsonDocument document;
  ASSIGN_OR_RETURN(element root, document.Parse(json));
  element data;
  if (root["data"].get(data) != simdjson::SUCCESS) {
    return InvalidArgument("the answer holds no data");
  }
  QueryResponse response;
  ASSIGN_OR_RETURN(response.type, ReadType(TextOf(data["resultType"])));
  if (response.type == ResultType::kScalar) {
    response.scalar = ReadSample(data["result"]);
  } else if (response.type == ResultType::kStreams) {
    ASSIGN_OR_RETURN(response.streams, ReadStreams(ArrayAt(data, "result")));
  } else {
    for (element item : ArrayAt(data, "result")) {
      response.series.push_back(ReadSeries(item, response.type));
    }
  }
  ReadStatistics(ObjectAt(data, "stats"), "", 0, &response.statistics);
  return response;
}

StatusOr<std::vector<Labels>> ParseSeriesResponse(std::string_view json) {
  JsonDocument document;
  ASSIGN_OR_RETURN(element root, document.Parse(json));
  std::vector<Labels> series;
  for (element item : ArrayAt(root, "data")) {
    object members;
    series.push_back(item.get(members) == simdjson::SUCCESS ? ReadLabels(members) : Labels());
  }
  return series;
}

StatusOr<TailFrame> ParseTailFrame(std::string_view json) {
  JsonDocument document;
  ASSIGN_OR_RETURN(element root, document.Parse(json));
  TailFrame frame;
  ASSIGN_OR_RETURN(frame.streams, ReadStreams(ArrayAt(root, "streams")));
  for (element item : ArrayAt(root, "dropped_entries")) {
    ASSIGN_OR_RETURN(int64_t time, ParseNanoseconds(TextOf(item["timestamp"])));
    frame.dropped.push_back({time, ReadLabels(item, "labels")});
  }
  return frame;
}

}  // namespace skald::cli
