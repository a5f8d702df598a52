#include "query/engine/detected.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "query/batch/batch.h"
#include "query/engine/line_fields.h"
#include "storage/base/byte_size.h"
#include "storage/base/stop_pacer.h"

namespace skald::query {
namespace {

constexpr std::array<std::string_view, 4> kAlwaysKept = {"cluster", "namespace", "instance", "pod"};

// Work of an entry beside that of its bytes.
constexpr uint64_t kEntryWork = 1 << 10;

bool IsErrorLabel(std::string_view name) {
  return name == kErrorLabel || name == kErrorDetailsLabel;
}

// A value as it is shown: byte sizes without the many ways to write them.
std::string ShownValue(const std::string& value) {
  if (InferFieldType(value) != FieldType::kBytes) return value;
  std::string text = FormatHumanizedBytes(*ParseHumanizedBytes(value));
  std::erase(text, ' ');
  return text;
}

// Gathers fields entry by entry. The last value seen decides a field's type.
class FieldCollector {
 public:
  explicit FieldCollector(size_t max_fields) : max_fields_(max_fields) {}

  void AddEntry(const LogStream& stream, const LogEntry& entry) {
    if (entry.labels != nullptr) {
      for (const LabelView& label : entry.labels->metadata) AddValue(label.name, label.value);
    }
    arena_.Reset();
    const LineFields line = FindLineFields(entry.line, stream.labels, &arena_);
    if (entry.labels != nullptr) {
      for (const LabelView& label : entry.labels->parsed) {
        if (IsErrorLabel(label.name)) continue;
        Mark(AddValue(label.name, label.value), line.is_json);
      }
    }
    for (const LineField& field : line.fields) {
      DetectedField* known = AddValue(field.label, field.value);
      Mark(known, line.is_json);
      if (known != nullptr && line.is_json) known->json_path = field.json_path;
    }
  }

  std::vector<DetectedField> Finish() {
    std::vector<DetectedField> result;
    for (auto& [label, field] : fields_) {
      std::set<std::string> shown;
      for (const std::string& value : field.values) shown.insert(ShownValue(value));
      field.found.label = label;
      field.found.cardinality = field.values.size();
      field.found.values.assign(shown.begin(), shown.end());
      result.push_back(std::move(field.found));
    }
    return result;
  }

 private:
  struct Field {
    DetectedField found;
    std::set<std::string> values;
  };

  // The field, with the value added; null if there are too many fields already.
  DetectedField* AddValue(std::string_view label, std::string_view value) {
    auto at = fields_.find(label);
    if (at == fields_.end()) {
      if (fields_.size() >= max_fields_) return nullptr;
      at = fields_.emplace(std::string(label), Field()).first;
    }
    at->second.values.emplace(value);
    at->second.found.type = InferFieldType(value);
    return &at->second.found;
  }

  static void Mark(DetectedField* field, bool is_json) {
    if (field != nullptr) (is_json ? field->json : field->logfmt) = true;
  }

  const size_t max_fields_;
  std::map<std::string, Field, std::less<>> fields_;
  Arena arena_;
};

}  // namespace

StatusOr<std::vector<DetectedLabel>> DetectLabels(const storage::Snapshot& snapshot,
                                                  std::span<const Matcher> matchers,
                                                  TimeRange range, const StopToken* stop) {
  ASSIGN_OR_RETURN(std::vector<std::string> names, snapshot.LabelNames(matchers, range, stop));
  std::vector<DetectedLabel> labels;
  for (std::string& name : names) {
    ASSIGN_OR_RETURN(const std::vector<std::string> values,
                     snapshot.LabelValues(name, matchers, range, stop));
    const bool kept = std::find(kAlwaysKept.begin(), kAlwaysKept.end(), name) != kAlwaysKept.end();
    if (!kept && std::all_of(values.begin(), values.end(), IsIdentifierLike)) continue;
    labels.push_back({std::move(name), values.size()});
  }
  return labels;
}

StatusOr<std::vector<DetectedField>> DetectFields(const QueryEngine& engine, const Query& query,
                                                  const QueryParams& params, size_t max_fields) {
  if (query.log() == nullptr) return InvalidArgument("only log selector is supported");
  QueryParams newest = params;
  newest.direction = Direction::kBackward;
  newest.categorize = true;
  ASSIGN_OR_RETURN(const QueryResult result, engine.Run(query, newest));
  FieldCollector collector(max_fields);
  StopPacer pacer(params.stop);
  for (const LogStream& stream : result.log()->streams) {
    for (const LogEntry& entry : stream.entries) {
      collector.AddEntry(stream, entry);
      RETURN_IF_ERROR(pacer.Spend(kEntryWork + entry.line.size()));
    }
  }
  return collector.Finish();
}

}  // namespace skald::query
