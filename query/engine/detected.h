// What a selection's streams and lines consist of, for Logs Drilldown: labels worth filtering by,
// fields with their types, and a field's values.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "query/engine/engine.h"
#include "query/engine/field_type.h"
#include "query/syntax/ast.h"
#include "storage/base/memory_charge.h"
#include "storage/base/status.h"
#include "storage/model/matcher.h"
#include "storage/model/timestamp.h"
#include "storage/reader.h"

namespace skald::query {

struct DetectedLabel {
  std::string label;
  uint64_t cardinality = 0;
};

// The stream labels that describe something: those whose every value is a number or a UUID are left
// out, but for cluster, namespace, instance and pod. Sorted by name. `charge` is charged for them;
// ResourceExhausted: its budget does not suffice.
StatusOr<std::vector<DetectedLabel>> DetectLabels(const storage::Snapshot& snapshot,
                                                  std::span<const Matcher> matchers,
                                                  TimeRange range, const StopToken* stop,
                                                  MemoryCharge* charge);

struct DetectedField {
  std::string label;
  FieldType type = FieldType::kString;
  std::vector<std::string> values;  // distinct, sorted; sizes in bytes in their short form
  uint64_t cardinality = 0;         // distinct values before that
  bool json = false;                // found in JSON lines
  bool logfmt = false;              // found in other lines; neither: structured metadata
  std::vector<std::string> json_path;
};

// The fields of the newest `params.limit` lines that a log query returns: their metadata, what the
// query parses out of them, and what a JSON or logfmt parser would. Sorted by label, at most
// `max_fields`. `charge` is charged for them. InvalidArgument for a metric query; errors as
// QueryEngine::Run.
StatusOr<std::vector<DetectedField>> DetectFields(const QueryEngine& engine, const Query& query,
                                                  const QueryParams& params, size_t max_fields,
                                                  MemoryCharge* charge);

}  // namespace skald::query
