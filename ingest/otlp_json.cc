#include "ingest/otlp_json.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include "absl/strings/escaping.h"
#include "ingest/charged_growth.h"
#include "ingest/json_document.h"
#include "ingest/json_repair.h"
#include "ingest/wire_reader.h"
#include "storage/base/coding.h"
#include "storage/base/units.h"

namespace skald::ingest {
namespace {

namespace od = simdjson::ondemand;

// Messages nest to this depth, values included.
constexpr int kMaxDepth = 256;

enum class FieldKind {
  kMessage,
  kString,
  kHexId,
  kBase64,
  kVarint,
  kSeverity,  // kVarint, or the name of a SeverityNumber
  kFixed64,
  kFixed32,
  kBool,
  kDouble
};

struct MessageShape;

struct FieldShape {
  std::string_view name;        // lowerCamelCase
  std::string_view proto_name;  // as in the .proto file
  uint32_t number;
  FieldKind kind;
  const MessageShape* message = nullptr;
  bool repeated = false;
};

struct MessageShape {
  std::span<const FieldShape> fields;
};

extern const MessageShape kAnyValue;
extern const MessageShape kKeyValue;

constexpr FieldShape kArrayFields[] = {
    {"values", "values", 1, FieldKind::kMessage, &kAnyValue, true},
};
constexpr MessageShape kArrayValue{kArrayFields};
constexpr FieldShape kListFields[] = {
    {"values", "values", 1, FieldKind::kMessage, &kKeyValue, true},
};
constexpr MessageShape kKeyValueList{kListFields};
constexpr FieldShape kAnyValueFields[] = {
    {"stringValue", "string_value", 1, FieldKind::kString},
    {"boolValue", "bool_value", 2, FieldKind::kBool},
    {"intValue", "int_value", 3, FieldKind::kVarint},
    {"doubleValue", "double_value", 4, FieldKind::kDouble},
    {"arrayValue", "array_value", 5, FieldKind::kMessage, &kArrayValue},
    {"kvlistValue", "kvlist_value", 6, FieldKind::kMessage, &kKeyValueList},
    {"bytesValue", "bytes_value", 7, FieldKind::kBase64},
};
const MessageShape kAnyValue{kAnyValueFields};
constexpr FieldShape kKeyValueFields[] = {
    {"key", "key", 1, FieldKind::kString},
    {"value", "value", 2, FieldKind::kMessage, &kAnyValue},
};
const MessageShape kKeyValue{kKeyValueFields};
constexpr FieldShape kLogRecordFields[] = {
    {"timeUnixNano", "time_unix_nano", 1, FieldKind::kFixed64},
    {"severityNumber", "severity_number", 2, FieldKind::kSeverity},
    {"severityText", "severity_text", 3, FieldKind::kString},
    {"body", "body", 5, FieldKind::kMessage, &kAnyValue},
    {"attributes", "attributes", 6, FieldKind::kMessage, &kKeyValue, true},
    {"droppedAttributesCount", "dropped_attributes_count", 7, FieldKind::kVarint},
    {"flags", "flags", 8, FieldKind::kFixed32},
    {"traceId", "trace_id", 9, FieldKind::kHexId},
    {"spanId", "span_id", 10, FieldKind::kHexId},
    {"observedTimeUnixNano", "observed_time_unix_nano", 11, FieldKind::kFixed64},
};
constexpr MessageShape kLogRecord{kLogRecordFields};
constexpr FieldShape kScopeFields[] = {
    {"name", "name", 1, FieldKind::kString},
    {"version", "version", 2, FieldKind::kString},
    {"attributes", "attributes", 3, FieldKind::kMessage, &kKeyValue, true},
    {"droppedAttributesCount", "dropped_attributes_count", 4, FieldKind::kVarint},
};
constexpr MessageShape kScope{kScopeFields};
constexpr FieldShape kScopeLogsFields[] = {
    {"scope", "scope", 1, FieldKind::kMessage, &kScope},
    {"logRecords", "log_records", 2, FieldKind::kMessage, &kLogRecord, true},
};
constexpr MessageShape kScopeLogs{kScopeLogsFields};
constexpr FieldShape kResourceFields[] = {
    {"attributes", "attributes", 1, FieldKind::kMessage, &kKeyValue, true},
};
constexpr MessageShape kResource{kResourceFields};
constexpr FieldShape kResourceLogsFields[] = {
    {"resource", "resource", 1, FieldKind::kMessage, &kResource},
    {"scopeLogs", "scope_logs", 2, FieldKind::kMessage, &kScopeLogs, true},
};
constexpr MessageShape kResourceLogs{kResourceLogsFields};
constexpr FieldShape kRequestFields[] = {
    {"resourceLogs", "resource_logs", 1, FieldKind::kMessage, &kResourceLogs, true},
};
constexpr MessageShape kRequest{kRequestFields};

const FieldShape* FindField(const MessageShape& shape, std::string_view name) {
  for (const FieldShape& field : shape.fields) {
    if (field.name == name || field.proto_name == name) return &field;
  }
  return nullptr;
}

void PutTag(std::string* out, uint32_t number, WireType type) {
  PutVarint32(out, number << 3 | static_cast<uint32_t>(type));
}

void PutBytesField(std::string* out, uint32_t number, std::string_view bytes) {
  PutTag(out, number, WireType::kBytes);
  PutLengthPrefixed(out, bytes);
}

// The number of SEVERITY_NUMBER_WARN2 and its like.
std::optional<uint64_t> SeverityOf(std::string_view name) {
  constexpr std::string_view kPrefix = "SEVERITY_NUMBER_";
  constexpr std::string_view kRanges[] = {"TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  if (name == "UNSPECIFIED") return 0;
  uint64_t step = 1;  // within a range of four
  if (name.ends_with('2') || name.ends_with('3') || name.ends_with('4')) {
    step = static_cast<uint64_t>(name.back() - '0');
    name.remove_suffix(1);
  }
  const auto* const range = std::find(std::begin(kRanges), std::end(kRanges), name);
  if (range == std::end(kRanges)) return std::nullopt;
  return static_cast<uint64_t>(range - std::begin(kRanges)) * 4 + step;
}

// Writes one document as wire format.
class Transcoder {
 public:
  Status Write(od::document* root, std::string* out) {
    od::object object;
    if (Failed(root->get_object().get(object))) return Error("a request");
    return WriteMessage(object, kRequest, 0, out);
  }

  simdjson::error_code error() const { return error_; }

 private:
  bool Failed(simdjson::error_code error) {
    error_ = error;
    return error != simdjson::SUCCESS;
  }
  Status Error(std::string_view expected) const {
    if (error_ != simdjson::INCORRECT_TYPE && error_ != simdjson::NUMBER_ERROR) {
      return JsonError(error_);
    }
    return WrongValue(expected);
  }
  static Status WrongValue(std::string_view expected) {
    return InvalidArgument(StrCat("invalid OTLP JSON: expected ", expected));
  }

  Status WriteMessage(od::object object, const MessageShape& shape, int depth, std::string* out) {
    if (depth > kMaxDepth) return InvalidArgument("attribute value nests too deep");
    for (auto field : object) {
      std::string_view key;
      od::value value;
      if (Failed(field.unescaped_key().get(key)) || Failed(field.value().get(value))) {
        return JsonError(error_);
      }
      const FieldShape* known = FindField(shape, key);
      bool is_null = false;
      if (known == nullptr) continue;
      if (value.is_null().get(is_null) == simdjson::SUCCESS && is_null) continue;
      RETURN_IF_ERROR(WriteField(value, *known, depth, out));
    }
    return absl::OkStatus();
  }

  Status WriteField(od::value value, const FieldShape& field, int depth, std::string* out) {
    if (!field.repeated) return WriteValue(value, field, depth, out);
    od::array array;
    if (Failed(value.get_array().get(array))) return Error(StrCat("an array for ", field.name));
    for (auto element : array) {
      od::value item;
      if (Failed(element.get(item))) return JsonError(error_);
      RETURN_IF_ERROR(WriteValue(item, field, depth, out));
    }
    return absl::OkStatus();
  }

  Status WriteValue(od::value value, const FieldShape& field, int depth, std::string* out) {
    switch (field.kind) {
      case FieldKind::kMessage:
        return WriteNested(value, field, depth, out);
      case FieldKind::kString:
      case FieldKind::kHexId:
      case FieldKind::kBase64:
        return WriteText(value, field, out);
      case FieldKind::kBool: {
        bool flag = false;
        if (Failed(value.get_bool().get(flag))) return Error("a boolean");
        PutTag(out, field.number, WireType::kVarint);
        PutVarint32(out, flag ? 1 : 0);
        return absl::OkStatus();
      }
      case FieldKind::kDouble: {
        ASSIGN_OR_RETURN(const double number, ReadDouble(value));
        PutTag(out, field.number, WireType::kFixed64);
        PutFixed64(out, std::bit_cast<uint64_t>(number));
        return absl::OkStatus();
      }
      default:
        return WriteInteger(value, field, out);
    }
  }

  Status WriteNested(od::value value, const FieldShape& field, int depth, std::string* out) {
    od::object object;
    if (Failed(value.get_object().get(object))) return Error(StrCat("an object for ", field.name));
    std::string nested;
    RETURN_IF_ERROR(WriteMessage(object, *field.message, depth + 1, &nested));
    PutBytesField(out, field.number, nested);
    return absl::OkStatus();
  }

  Status WriteText(od::value value, const FieldShape& field, std::string* out) {
    std::string_view text;
    if (Failed(value.get_string().get(text))) return Error(StrCat("a string for ", field.name));
    if (field.kind == FieldKind::kString) {
      PutBytesField(out, field.number, text);
      return absl::OkStatus();
    }
    std::string bytes;
    if (field.kind == FieldKind::kBase64) {
      if (!absl::Base64Unescape(ToAbsl(text), &bytes)) return WrongValue("base64");
    } else {
      RETURN_IF_ERROR(ReadHexId(text, field, &bytes));
    }
    PutBytesField(out, field.number, bytes);
    return absl::OkStatus();
  }

  // A trace id of 16 bytes or a span id of 8, or nothing.
  static Status ReadHexId(std::string_view text, const FieldShape& field, std::string* bytes) {
    const size_t size = field.number == 9 ? 32 : 16;
    if (text.empty()) return absl::OkStatus();
    if (text.size() != size) return InvalidArgument("ID.UnmarshalJSONIter: length mismatch");
    if (text.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
      return WrongValue(StrCat("hex digits for ", field.name));
    }
    *bytes = absl::HexStringToBytes(ToAbsl(text));
    return absl::OkStatus();
  }

  Status WriteInteger(od::value value, const FieldShape& field, std::string* out) {
    ASSIGN_OR_RETURN(const uint64_t bits, ReadInteger(value, field.kind, field.name));
    if (field.kind == FieldKind::kFixed64) {
      PutTag(out, field.number, WireType::kFixed64);
      PutFixed64(out, bits);
    } else if (field.kind == FieldKind::kFixed32) {
      PutTag(out, field.number, WireType::kFixed32);
      PutFixed32(out, static_cast<uint32_t>(bits));
    } else {
      PutTag(out, field.number, WireType::kVarint);
      PutVarint64(out, bits);
    }
    return absl::OkStatus();
  }

  // An integer, signed or not, as a number or as a string.
  StatusOr<uint64_t> ReadInteger(od::value value, FieldKind kind, std::string_view name) {
    od::json_type type;
    if (Failed(value.type().get(type))) return JsonError(error_);
    std::string_view text;
    if (type == od::json_type::string) {
      if (Failed(value.get_string().get(text))) return JsonError(error_);
    } else if (type == od::json_type::number) {
      text = value.raw_json_token();
      while (!text.empty() && text.back() <= ' ') text.remove_suffix(1);
    }
    if (kind == FieldKind::kSeverity) {
      if (const std::optional<uint64_t> severity = SeverityOf(text)) return *severity;
    }
    const char* const end = text.data() + text.size();
    if (text.starts_with('-')) {
      int64_t number = 0;
      const auto [stop, error] = std::from_chars(text.data(), end, number);
      if (error == std::errc() && stop == end) return static_cast<uint64_t>(number);
    } else if (!text.empty()) {
      uint64_t number = 0;
      const auto [stop, error] = std::from_chars(text.data(), end, number);
      if (error == std::errc() && stop == end) return number;
    }
    return WrongValue(StrCat("an integer for ", name));
  }

  StatusOr<double> ReadDouble(od::value value) {
    od::json_type type;
    if (Failed(value.type().get(type))) return JsonError(error_);
    double number = 0;
    if (type != od::json_type::string) {
      if (Failed(value.get_double().get(number))) return Error("a number");
      return number;
    }
    std::string_view text;
    if (Failed(value.get_string().get(text))) return JsonError(error_);
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity") return std::numeric_limits<double>::infinity();
    if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (text.empty() || error != std::errc() || stop != end) return WrongValue("a number");
    return number;
  }

  simdjson::error_code error_ = simdjson::SUCCESS;
};

}  // namespace

struct OtlpJsonTranscoder::State {
  JsonDocument document;
  BodyBuffer repaired;
  std::string message;

  // Transcodes `body`; `error` says why simdjson gave up, if it did.
  Status Transcode(BodyBuffer* body, Reservation* memory, simdjson::error_code* error) {
    message.clear();
    RETURN_IF_ERROR(document.Open(body, memory, error));
    Transcoder transcoder;
    Status status = transcoder.Write(&document.root(), &message);
    *error = transcoder.error();
    return status;
  }
};

OtlpJsonTranscoder::OtlpJsonTranscoder() : state_(std::make_unique<State>()) {}
OtlpJsonTranscoder::~OtlpJsonTranscoder() = default;

StatusOr<std::string_view> OtlpJsonTranscoder::Transcode(BodyBuffer* body, Reservation* memory) {
  // The wire form is shorter than the JSON; while it is built, its innermost messages exist twice.
  RETURN_IF_ERROR(memory->Grow(2 * body->view().size()));
  simdjson::error_code error = simdjson::SUCCESS;
  Status status = state_->Transcode(body, memory, &error);
  if (!status.ok() && MayBeRepaired(error)) {
    state_->repaired.Reset(memory, body->limit());
    RETURN_IF_ERROR(RepairJsonText(body->view(), &state_->repaired));
    status = state_->Transcode(&state_->repaired, memory, &error);
  }
  RETURN_IF_ERROR(status);
  return std::string_view(state_->message);
}

void OtlpJsonTranscoder::Shrink() {
  state_->document.Shrink();
  state_->repaired.Shrink();
  ClearOrFree(&state_->message);
}

}  // namespace skald::ingest
