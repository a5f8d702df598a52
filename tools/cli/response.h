// Answers of the query endpoints, read from JSON.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/status.h"

namespace skald::cli {

using Labels = std::map<std::string, std::string>;

// `{a="b", c="d"}`.
std::string LabelsText(const Labels& labels);

struct LogEntry {
  int64_t time = 0;  // ns
  std::string line;
  Labels metadata;  // when the answer tells the entry's structured metadata from stream labels
};

struct LogStream {
  Labels labels;
  std::vector<LogEntry> entries;
};

struct Sample {
  double seconds = 0;
  std::string value;
};

struct MetricSeries {
  Labels labels;
  std::vector<Sample> samples;  // one in a vector
};

enum class ResultType { kStreams, kMatrix, kVector, kScalar };

// Numbers of the `stats` object by their path: `summary.execTime`. Booleans are 0 and 1.
using Statistics = std::map<std::string, double>;

struct QueryResponse {
  ResultType type = ResultType::kStreams;
  std::vector<LogStream> streams;
  std::vector<MetricSeries> series;
  Sample scalar;
  Statistics statistics;
};

StatusOr<QueryResponse> ParseQueryResponse(std::string_view json);

// The label sets of a series answer.
StatusOr<std::vector<Labels>> ParseSeriesResponse(std::string_view json);

// The streams of a frame of the tail endpoint, and its dropped entries.
struct DroppedEntry {
  int64_t time = 0;
  Labels labels;
};
struct TailFrame {
  std::vector<LogStream> streams;
  std::vector<DroppedEntry> dropped;
};
StatusOr<TailFrame> ParseTailFrame(std::string_view json);

}  // namespace skald::cli
