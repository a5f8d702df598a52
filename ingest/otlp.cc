#include "ingest/otlp.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "ingest/charged_growth.h"
#include "ingest/label_text.h"
#include "ingest/metadata_names.h"
#include "ingest/otlp_text.h"
#include "ingest/otlp_value.h"
#include "ingest/wire_reader.h"

namespace skald::ingest {
namespace {

// Attribute names whose clean form is kept for the rest of the push.
constexpr size_t kMaxRememberedNames = 4096;
// Cleaning a name takes up to three times its size, of which names up to this size are not charged.
constexpr size_t kSmallName = 4096;
// Label text up to this size is written for any number of records.
constexpr size_t kSmallText = 4096;

// What attributes came to: pairs with names that are label names.
struct Attributes {
  std::vector<LabelView> labels;
  std::vector<LabelView> metadata;

  void Clear() {
    labels.clear();
    metadata.clear();
  }
};

// The plain fields of a LogRecord. Attributes are read on the way.
struct LogRecord {
  uint64_t time = 0;
  uint64_t observed_time = 0;
  uint64_t severity_number = 0;
  std::string_view severity_text;
  std::string_view body;
  uint64_t dropped_attributes = 0;
  uint32_t flags = 0;
  std::string_view trace_id;
  std::string_view span_id;
};

bool IsAllZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
}

class OtlpDecoder {
 public:
  OtlpDecoder(const OtlpMapping& mapping, int64_t receive_time, PushBatch* batch)
      : mapping_(mapping),
        receive_time_(receive_time),
        batch_(batch),
        label_writer_(batch->memory()),
        text_writer_(batch->memory()) {}

  Status Decode(std::string_view message) {
    return ForEachField(message, "ExportLogsServiceRequest", 1, "ResourceLogs",
                        [this](std::string_view resource) { return ReadResourceLogs(resource); });
  }

 private:
  // Calls f(bytes) for every length-delimited field of that number.
  template <typename F>
  static Status ForEachField(std::string_view message, const char* type, uint32_t number,
                             const char* name, F&& f) {
    WireReader reader(message, type);
    while (!reader.AtEnd()) {
      RETURN_IF_ERROR(reader.ReadTag());
      if (reader.field() != number) {
        RETURN_IF_ERROR(reader.Skip());
        continue;
      }
      std::string_view bytes;
      RETURN_IF_ERROR(reader.ReadBytes(name, &bytes));
      RETURN_IF_ERROR(f(bytes));
    }
    return absl::OkStatus();
  }

  // Fields come in any order, so what applies to all records is read first.
  Status ReadResourceLogs(std::string_view message) {
    resource_.Clear();
    stream_begun_ = false;
    RETURN_IF_ERROR(ForEachField(message, "ResourceLogs", 1, "Resource",
                                 [this](std::string_view bytes) { return ReadResource(bytes); }));
    return ForEachField(message, "ResourceLogs", 2, "ScopeLogs",
                        [this](std::string_view bytes) { return ReadScopeLogs(bytes); });
  }

  Status ReadResource(std::string_view message) {
    return ForEachField(message, "Resource", 1, "Attributes", [this](std::string_view bytes) {
      return AddAttribute(bytes, mapping_.resource(), &resource_);
    });
  }

  Status ReadScopeLogs(std::string_view message) {
    scope_.Clear();
    RETURN_IF_ERROR(ForEachField(message, "ScopeLogs", 1, "Scope",
                                 [this](std::string_view bytes) { return ReadScope(bytes); }));
    return ForEachField(message, "ScopeLogs", 2, "LogRecords",
                        [this](std::string_view bytes) { return ReadRecord(bytes); });
  }

  Status ReadScope(std::string_view message) {
    std::string_view name;
    std::string_view version;
    uint64_t dropped = 0;
    WireReader reader(message, "InstrumentationScope");
    while (!reader.AtEnd()) {
      RETURN_IF_ERROR(reader.ReadTag());
      std::string_view bytes;
      switch (reader.field()) {
        case 1:
          RETURN_IF_ERROR(reader.ReadBytes("Name", &name));
          break;
        case 2:
          RETURN_IF_ERROR(reader.ReadBytes("Version", &version));
          break;
        case 3:
          RETURN_IF_ERROR(reader.ReadBytes("Attributes", &bytes));
          RETURN_IF_ERROR(AddAttribute(bytes, mapping_.scope(), &scope_));
          break;
        case 4:
          RETURN_IF_ERROR(reader.ReadVarint("DroppedAttributesCount", &dropped));
          break;
        default:
          RETURN_IF_ERROR(reader.Skip());
      }
    }
    if (!name.empty()) RETURN_IF_ERROR(Add("scope_name", name, &scope_.metadata));
    if (!version.empty()) RETURN_IF_ERROR(Add("scope_version", version, &scope_.metadata));
    return AddNumber("scope_dropped_attributes_count", dropped, &scope_);
  }

  Status ReadRecord(std::string_view message) {
    record_.Clear();
    LogRecord record;
    WireReader reader(message, "LogRecord");
    while (!reader.AtEnd()) {
      RETURN_IF_ERROR(reader.ReadTag());
      RETURN_IF_ERROR(ReadRecordField(&reader, &record));
    }
    RETURN_IF_ERROR(AddRecordFields(record));
    RETURN_IF_ERROR(BeginStreamFor(record));
    ASSIGN_OR_RETURN(const std::string_view line, TextOf(record.body));
    RETURN_IF_ERROR(batch_->AddEntry(TimeOf(record), line));
    // Of pairs with one name the last wins.
    if (!record.severity_text.empty()) {
      RETURN_IF_ERROR(batch_->AddMetadata("severity_text", record.severity_text));
    }
    for (const Attributes* attributes : {&record_, &resource_, &scope_}) {
      for (const LabelView& pair : attributes->metadata) {
        RETURN_IF_ERROR(batch_->AddMetadata(pair.name, pair.value));
      }
    }
    return absl::OkStatus();
  }

  Status ReadRecordField(WireReader* reader, LogRecord* record) {
    std::string_view bytes;
    switch (reader->field()) {
      case 1:
        return reader->ReadFixed64("TimeUnixNano", &record->time);
      case 2:
        return reader->ReadVarint("SeverityNumber", &record->severity_number);
      case 3:
        return reader->ReadBytes("SeverityText", &record->severity_text);
      case 5:
        return reader->ReadBytes("Body", &record->body);
      case 6:
        RETURN_IF_ERROR(reader->ReadBytes("Attributes", &bytes));
        return AddAttribute(bytes, mapping_.log(), &record_);
      case 7:
        return reader->ReadVarint("DroppedAttributesCount", &record->dropped_attributes);
      case 8:
        return reader->ReadFixed32("Flags", &record->flags);
      case 9:
        return reader->ReadBytes("TraceId", &record->trace_id);
      case 10:
        return reader->ReadBytes("SpanId", &record->span_id);
      case 11:
        return reader->ReadFixed64("ObservedTimeUnixNano", &record->observed_time);
      default:
        return reader->Skip();
    }
  }

  Status AddRecordFields(const LogRecord& record) {
    if (record.time != 0) {
      RETURN_IF_ERROR(AddNumber("observed_timestamp", record.observed_time, &record_));
    }
    RETURN_IF_ERROR(AddNumber("severity_number", record.severity_number, &record_));
    RETURN_IF_ERROR(AddNumber("dropped_attributes_count", record.dropped_attributes, &record_));
    RETURN_IF_ERROR(AddNumber("flags", record.flags, &record_));
    RETURN_IF_ERROR(AddId("trace_id", record.trace_id));
    return AddId("span_id", record.span_id);
  }

  Status Add(std::string_view name, std::string_view value, std::vector<LabelView>* to) {
    return AppendCharged({name, value}, batch_->memory(), to);
  }

  Status AddNumber(std::string_view name, uint64_t value, Attributes* to) {
    if (value == 0) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string_view text, batch_->CopyText(StrCat(value)));
    return Add(name, text, &to->metadata);
  }

  Status AddId(std::string_view name, std::string_view id) {
    if (IsAllZero(id)) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::string_view text,
                     batch_->CopyText(absl::BytesToHexString(ToAbsl(id))));
    return Add(name, text, &record_.metadata);
  }

  int64_t TimeOf(const LogRecord& record) const {
    const uint64_t time = record.time != 0 ? record.time : record.observed_time;
    if (time == 0) return receive_time_;
    return static_cast<int64_t>(std::min<uint64_t>(time, INT64_MAX));
  }

  // Starts a stream unless the record goes where the one before it went.
  Status BeginStreamFor(const LogRecord& record) {
    if (mapping_.severity_text_as_label() && !record.severity_text.empty()) {
      RETURN_IF_ERROR(Add("severity_text", record.severity_text, &record_.labels));
    }
    if (stream_begun_ && record_.labels == stream_labels_) return absl::OkStatus();
    label_writer_.Clear();
    for (const Attributes* attributes : {&resource_, &record_}) {
      for (const LabelView& label : attributes->labels) {
        RETURN_IF_ERROR(label_writer_.Add(label.name, label.value));
      }
    }
    ASSIGN_OR_RETURN(const std::string_view text, label_writer_.Write());
    stream_labels_.swap(record_.labels);
    if (stream_begun_ && text == batch_->streams().back().labels) {
      // Paid for as if it were kept, which bounds the work.
      return text.size() > kSmallText ? batch_->memory()->Grow(text.size()) : absl::OkStatus();
    }
    stream_begun_ = true;
    ASSIGN_OR_RETURN(const std::string_view kept, batch_->CopyText(text));
    return batch_->BeginStream(kept);
  }

  // Adds one KeyValue message as the rules want it.
  Status AddAttribute(std::string_view message, const AttributeRules& rules, Attributes* to) {
    ASSIGN_OR_RETURN(const KeyValue attribute, ParseKeyValue(message));
    switch (rules.ActionFor(attribute.key)) {
      case AttributeAction::kDrop:
        return absl::OkStatus();
      case AttributeAction::kIndexLabel:
        return Flatten(attribute.key, attribute.value, 0, &to->labels);
      case AttributeAction::kStructuredMetadata:
        return Flatten(attribute.key, attribute.value, 0, &to->metadata);
    }
    return absl::OkStatus();
  }

  // Adds a value; of a map each value, under its name joined to `name`.
  Status Flatten(std::string_view name, std::string_view message, int depth,
                 std::vector<LabelView>* to) {
    if (depth > kMaxValueDepth) return InvalidArgument("attribute value nests too deep");
    ASSIGN_OR_RETURN(const AnyValue value, ParseAnyValue(message));
    if (value.kind == AnyKind::kMap) {
      return ForEachField(value.bytes, "KeyValueList", 1, "Values", [&](std::string_view bytes) {
        return FlattenMember(name, bytes, depth, to);
      });
    }
    ASSIGN_OR_RETURN(const std::string_view clean, CleanName(name));
    ASSIGN_OR_RETURN(const std::string_view text, TextOf(value));
    return Add(clean, text, to);
  }

  Status FlattenMember(std::string_view parent, std::string_view message, int depth,
                       std::vector<LabelView>* to) {
    ASSIGN_OR_RETURN(const KeyValue member, ParseKeyValue(message));
    ASSIGN_OR_RETURN(const std::string_view name, batch_->JoinText({parent, "_", member.key}));
    return Flatten(name, member.value, depth + 1, to);
  }

  StatusOr<std::string_view> CleanName(std::string_view name) {
    if (IsMetadataName(name)) return name;
    const auto known = clean_names_.find(name);
    if (known != clean_names_.end()) return known->second;
    if (name.size() > kSmallName) RETURN_IF_ERROR(batch_->memory()->Grow(3 * name.size()));
    StatusOr<std::string> clean = SanitizeMetadataName(name);
    if (!clean.ok()) return Annotate(clean.status(), "symbolizer lookup");
    ASSIGN_OR_RETURN(const std::string_view kept, batch_->CopyText(*clean));
    if (clean_names_.size() < kMaxRememberedNames) clean_names_.emplace(name, kept);
    return kept;
  }

  StatusOr<std::string_view> TextOf(std::string_view message) {
    ASSIGN_OR_RETURN(const AnyValue value, ParseAnyValue(message));
    return TextOf(value);
  }
  StatusOr<std::string_view> TextOf(const AnyValue& value) {
    if (value.kind == AnyKind::kString) return value.bytes;
    ASSIGN_OR_RETURN(const std::string_view text, text_writer_.Write(value));
    return batch_->CopyText(text);
  }

  const OtlpMapping& mapping_;
  const int64_t receive_time_;
  PushBatch* const batch_;

  Attributes resource_;
  Attributes scope_;
  Attributes record_;
  bool stream_begun_ = false;             // a stream of this resource
  std::vector<LabelView> stream_labels_;  // its labels that came from a record
  LabelTextWriter label_writer_;
  OtlpTextWriter text_writer_;
  // Names as sent to names as kept; views into the message and the batch.
  absl::flat_hash_map<std::string_view, std::string_view> clean_names_;
};

}  // namespace

Status DecodeOtlp(std::string_view message, const OtlpMapping& mapping, int64_t receive_time,
                  PushBatch* batch) {
  return OtlpDecoder(mapping, receive_time, batch).Decode(message);
}

}  // namespace skald::ingest
