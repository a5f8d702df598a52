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
// What a field takes beside its name and values.
constexpr uint64_t kFieldMemory = 512;

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

using Values = std::set<std::string, std::less<>>;

// The values as they are shown, each once, sorted. Takes them apart, so that none is held twice.
std::vector<std::string> ShownValues(Values values) {
  Values shown;
  while (!values.empty()) {
    auto value = values.extract(values.begin());
    value.value() = ShownValue(value.value());
    shown.insert(std::move(value));
  }
  std::vector<std::string> result;
  result.reserve(shown.size());
  while (!shown.empty()) result.push_back(std::move(shown.extract(shown.begin()).value()));
  return result;
}

// Gathers fields entry by entry. The last value seen decides a field's type.
class FieldCollector {
 public:
  // `charge` is charged for what is kept.
  FieldCollector(size_t max_fields, MemoryCharge* charge)
      : max_fields_(max_fields), charge_(charge) {}

  Status AddEntry(const LogStream& stream, const LogEntry& entry) {
    if (entry.labels != nullptr) {
      for (const LabelView& label : entry.labels->metadata) {
        RETURN_IF_ERROR(AddValue(label.name, label.value).status());
      }
    }
    arena_.Reset();
    const LineFields line = FindLineFields(entry.line, stream.labels, &arena_);
    if (entry.labels != nullptr) {
      for (const LabelView& label : entry.labels->parsed) {
        if (IsErrorLabel(label.name)) continue;
        ASSIGN_OR_RETURN(DetectedField * known, AddValue(label.name, label.value));
        Mark(known, line.is_json);
      }
    }
    for (const LineField& field : line.fields) {
      ASSIGN_OR_RETURN(DetectedField * known, AddValue(field.label, field.value));
      Mark(known, line.is_json);
      if (known != nullptr && line.is_json) known->json_path = field.json_path;
    }
    return absl::OkStatus();
  }

  std::vector<DetectedField> Finish() {
    std::vector<DetectedField> result;
    for (auto& [label, field] : fields_) {
      field.found.label = label;
      field.found.cardinality = field.values.size();
      field.found.values = ShownValues(std::move(field.values));
      result.push_back(std::move(field.found));
    }
    return result;
  }

 private:
  struct Field {
    DetectedField found;
    Values values;
  };

  // The field, with the value added; null if there are too many fields already.
  StatusOr<DetectedField*> AddValue(std::string_view label, std::string_view value) {
    auto at = fields_.find(label);
    if (at == fields_.end()) {
      if (fields_.size() >= max_fields_) return nullptr;
      RETURN_IF_ERROR(charge_->Add(kFieldMemory + storage::AnswerMemory(label)));
      at = fields_.emplace(std::string(label), Field()).first;
    }
    Field& field = at->second;
    if (!field.values.contains(value)) {
      RETURN_IF_ERROR(charge_->Add(storage::AnswerMemory(value)));
      field.values.emplace(value);
    }
    field.found.type = InferFieldType(value);
    return &field.found;
  }

  static void Mark(DetectedField* field, bool is_json) {
    if (field != nullptr) (is_json ? field->json : field->logfmt) = true;
  }

  const size_t max_fields_;
  MemoryCharge* const charge_;
  std::map<std::string, Field, std::less<>> fields_;
  Arena arena_;
};

}  // namespace

StatusOr<std::vector<DetectedLabel>> DetectLabels(const storage::Snapshot& snapshot,
                                                  std::span<const Matcher> matchers,
                                                  TimeRange range, const StopToken* stop,
                                                  MemoryCharge* charge) {
  ASSIGN_OR_RETURN(std::vector<std::string> names,
                   snapshot.LabelNames(matchers, range, stop, charge));
  std::vector<DetectedLabel> labels;
  for (std::string& name : names) {
    MemoryCharge of_values(charge->budget());
    ASSIGN_OR_RETURN(const std::vector<std::string> values,
                     snapshot.LabelValues(name, matchers, range, stop, &of_values));
    const bool kept = std::find(kAlwaysKept.begin(), kAlwaysKept.end(), name) != kAlwaysKept.end();
    if (!kept && std::all_of(values.begin(), values.end(), IsIdentifierLike)) continue;
    labels.push_back({std::move(name), values.size()});
  }
  return labels;
}

StatusOr<std::vector<DetectedField>> DetectFields(const QueryEngine& engine, const Query& query,
                                                  const QueryParams& params, size_t max_fields,
                                                  MemoryCharge* charge) {
  if (query.log() == nullptr) return InvalidArgument("only log selector is supported");
  QueryParams newest = params;
  newest.direction = Direction::kBackward;
  newest.categorize = true;
  FieldCollector collector(max_fields, charge);
  StopPacer pacer(params.stop);
  {
    ASSIGN_OR_RETURN(const QueryResult result, engine.Run(query, newest));
    for (const LogStream& stream : result.log()->streams) {
      for (const LogEntry& entry : stream.entries) {
        RETURN_IF_ERROR(collector.AddEntry(stream, entry));
        RETURN_IF_ERROR(pacer.Spend(kEntryWork + entry.line.size()));
      }
    }
  }
  return collector.Finish();
}

}  // namespace skald::query
