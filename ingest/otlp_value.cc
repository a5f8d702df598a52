#include "ingest/otlp_value.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "ingest/wire_reader.h"
#include "storage/base/go_number.h"
#include "storage/base/utf8.h"

namespace skald::ingest {
namespace {

// A JSON string as Go writes it, without escaping for HTML.
void AppendJsonString(std::string_view text, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  out->push_back('"');
  for (size_t at = 0; at < text.size();) {
    const DecodedRune rune = DecodeRune(text.substr(at));
    const char c = text[at];
    if (rune.invalid) {
      out->append("\\ufffd");
    } else if (rune.rune == 0x2028 || rune.rune == 0x2029) {
      out->append(rune.rune == 0x2028 ? "\\u2028" : "\\u2029");
    } else if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (c == '\n') {
      out->append("\\n");
    } else if (c == '\r') {
      out->append("\\r");
    } else if (c == '\t') {
      out->append("\\t");
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out->append("\\u00");
      out->push_back(kHex[c >> 4]);
      out->push_back(kHex[c & 15]);
    } else {
      out->append(text.substr(at, rune.size));
    }
    at += rune.size;
  }
  out->push_back('"');
}

// A number as encoding/json writes it: exponents only for the very small and very large, without
// leading zeros.
void AppendJsonNumber(double value, std::string* out) {
  if (!std::isfinite(value)) {
    out->append(std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    return;
  }
  const double magnitude = std::fabs(value);
  if (magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e21)) {
    out->append(FormatGoFloat(value, 'f'));
    return;
  }
  std::string text = FormatGoFloat(value, 'e');
  const size_t exponent = text.find("e-0");
  if (exponent != std::string::npos) text.erase(exponent + 2, 1);
  out->append(text);
}

void AppendBase64(std::string_view bytes, std::string* out) {
  out->append(absl::Base64Escape(ToAbsl(bytes)));
}

Status AppendJson(const AnyValue& value, int depth, std::string* out);

Status AppendJsonArray(std::string_view message, int depth, std::string* out) {
  out->push_back('[');
  bool first = true;
  WireReader reader(message, "ArrayValue");
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    if (reader.field() != 1) {
      RETURN_IF_ERROR(reader.Skip());
      continue;
    }
    std::string_view element;
    RETURN_IF_ERROR(reader.ReadBytes("Values", &element));
    ASSIGN_OR_RETURN(const AnyValue value, ParseAnyValue(element));
    if (!std::exchange(first, false)) out->push_back(',');
    RETURN_IF_ERROR(AppendJson(value, depth + 1, out));
  }
  out->push_back(']');
  return absl::OkStatus();
}

Status AppendJsonMap(std::string_view message, int depth, std::string* out) {
  std::vector<KeyValue> pairs;
  WireReader reader(message, "KeyValueList");
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    if (reader.field() != 1) {
      RETURN_IF_ERROR(reader.Skip());
      continue;
    }
    std::string_view pair;
    RETURN_IF_ERROR(reader.ReadBytes("Values", &pair));
    ASSIGN_OR_RETURN(pairs.emplace_back(), ParseKeyValue(pair));
  }
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const KeyValue& a, const KeyValue& b) { return a.key < b.key; });
  out->push_back('{');
  for (size_t i = 0; i < pairs.size(); ++i) {
    // Of equal keys the last stays.
    if (i + 1 < pairs.size() && pairs[i + 1].key == pairs[i].key) continue;
    ASSIGN_OR_RETURN(const AnyValue value, ParseAnyValue(pairs[i].value));
    if (out->back() != '{') out->push_back(',');
    AppendJsonString(pairs[i].key, out);
    out->push_back(':');
    RETURN_IF_ERROR(AppendJson(value, depth + 1, out));
  }
  out->push_back('}');
  return absl::OkStatus();
}

Status AppendJson(const AnyValue& value, int depth, std::string* out) {
  if (depth > kMaxValueDepth) return InvalidArgument("attribute value nests too deep");
  switch (value.kind) {
    case AnyKind::kEmpty:
      out->append("null");
      return absl::OkStatus();
    case AnyKind::kString:
      AppendJsonString(value.bytes, out);
      return absl::OkStatus();
    case AnyKind::kBool:
      out->append(value.integer != 0 ? "true" : "false");
      return absl::OkStatus();
    case AnyKind::kInt:
      StrAppend(out, value.integer);
      return absl::OkStatus();
    case AnyKind::kDouble:
      AppendJsonNumber(value.number, out);
      return absl::OkStatus();
    case AnyKind::kBytes:
      out->push_back('"');
      AppendBase64(value.bytes, out);
      out->push_back('"');
      return absl::OkStatus();
    case AnyKind::kArray:
      return AppendJsonArray(value.bytes, depth, out);
    case AnyKind::kMap:
      return AppendJsonMap(value.bytes, depth, out);
  }
  return absl::OkStatus();
}

}  // namespace

StatusOr<AnyValue> ParseAnyValue(std::string_view message) {
  AnyValue value;
  WireReader reader(message, "AnyValue");
  uint64_t bits = 0;
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    switch (reader.field()) {
      case 1:
        RETURN_IF_ERROR(reader.ReadBytes("StringValue", &value.bytes));
        value.kind = AnyKind::kString;
        break;
      case 2:
        RETURN_IF_ERROR(reader.ReadVarint("BoolValue", &bits));
        value.kind = AnyKind::kBool;
        value.integer = bits != 0 ? 1 : 0;
        break;
      case 3:
        RETURN_IF_ERROR(reader.ReadVarint("IntValue", &bits));
        value.kind = AnyKind::kInt;
        value.integer = static_cast<int64_t>(bits);
        break;
      case 4:
        RETURN_IF_ERROR(reader.ReadFixed64("DoubleValue", &bits));
        value.kind = AnyKind::kDouble;
        value.number = std::bit_cast<double>(bits);
        break;
      case 5:
        RETURN_IF_ERROR(reader.ReadBytes("ArrayValue", &value.bytes));
        value.kind = AnyKind::kArray;
        break;
      case 6:
        RETURN_IF_ERROR(reader.ReadBytes("KvlistValue", &value.bytes));
        value.kind = AnyKind::kMap;
        break;
      case 7:
        RETURN_IF_ERROR(reader.ReadBytes("BytesValue", &value.bytes));
        value.kind = AnyKind::kBytes;
        break;
      default:
        RETURN_IF_ERROR(reader.Skip());
    }
  }
  return value;
}

StatusOr<KeyValue> ParseKeyValue(std::string_view message) {
  KeyValue pair;
  WireReader reader(message, "KeyValue");
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    switch (reader.field()) {
      case 1:
        RETURN_IF_ERROR(reader.ReadBytes("Key", &pair.key));
        break;
      case 2:
        RETURN_IF_ERROR(reader.ReadBytes("Value", &pair.value));
        break;
      default:
        RETURN_IF_ERROR(reader.Skip());
    }
  }
  return pair;
}

Status AppendAsText(const AnyValue& value, std::string* out) {
  switch (value.kind) {
    case AnyKind::kEmpty:
      return absl::OkStatus();
    case AnyKind::kString:
      out->append(value.bytes);
      return absl::OkStatus();
    case AnyKind::kBytes:
      AppendBase64(value.bytes, out);
      return absl::OkStatus();
    default:
      return AppendJson(value, 0, out);
  }
}

}  // namespace skald::ingest
