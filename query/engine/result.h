// Answers of queries, ready to be written out: everything is sorted, grouped and owned here.
//
// All views point into the result's own memory (or into interned streams that it keeps alive), so
// that a result outlives the snapshot it was computed from. Its bytes are charged to the query
// budget until it is destroyed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "query/engine/query_stats.h"
#include "storage/base/arena.h"
#include "storage/base/memory_budget.h"
#include "storage/model/labels.h"

namespace skald::query {

// Labels of an entry beside those of its stream; only in categorised answers. Sorted by name.
struct EntryLabels {
  std::span<const LabelView> metadata;
  std::span<const LabelView> parsed;
};

struct LogEntry {
  int64_t timestamp = 0;  // ns
  std::string_view line;
  const EntryLabels* labels = nullptr;  // null: none, or not a categorised answer
};

// Entries that share their labels.
struct LogStream {
  std::span<const LabelView> labels;  // sorted by name
  std::vector<LogEntry> entries;      // in the query's direction
};

// Streams in the order of their label text.
struct LogResult {
  std::vector<LogStream> streams;
};

struct Sample {
  int64_t timestamp = 0;  // ns
  double value = 0;
};

struct MetricSeries {
  std::span<const LabelView> labels;  // sorted by name; values may be empty
  std::vector<Sample> samples;        // by time; one for a vector
};

struct MetricResult {
  enum class Type { kScalar, kVector, kMatrix };
  Type type = Type::kVector;
  // A scalar has one series without labels.
  std::vector<MetricSeries> series;
};

// Threads: externally synchronised. Movable, not copyable.
struct QueryResult {
  std::variant<LogResult, MetricResult> data;
  std::vector<std::string> warnings;
  QueryStats stats;

  // What the views above point into.
  Arena arena;
  Reservation memory;

  const LogResult* log() const { return std::get_if<LogResult>(&data); }
  const MetricResult* metric() const { return std::get_if<MetricResult>(&data); }
};

}  // namespace skald::query
