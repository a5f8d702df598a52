#include "ingest/otlp_text.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/strings/escaping.h"
#include "ingest/charged_growth.h"
#include "ingest/wire_reader.h"
#include "storage/base/go_number.h"
#include "storage/base/strings.h"
#include "storage/base/utf8.h"

namespace skald::ingest {
namespace {

// A rune as JSON takes at most so many bytes.
constexpr size_t kEscapedRune = 6;
// Bytes that are put into base64 at once; a multiple of three.
constexpr size_t kBase64Piece = 3072;

// One rune in a JSON string as Go writes it, without escaping for HTML; `bytes` is its form in
// UTF-8.
void AppendEscaped(const DecodedRune& rune, std::string_view bytes, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  const char c = bytes[0];
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
    out->append(bytes);
  }
}

// A number as encoding/json writes it: exponents only for the very small and very large, without
// leading zeros.
std::string JsonNumber(double value) {
  if (!std::isfinite(value)) {
    return std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  const double magnitude = std::fabs(value);
  if (magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e21)) return FormatGoFloat(value, 'f');
  std::string text = FormatGoFloat(value, 'e');
  const size_t exponent = text.find("e-0");
  if (exponent != std::string::npos) text.erase(exponent + 2, 1);
  return text;
}

}  // namespace

StatusOr<std::string_view> OtlpTextWriter::Write(const AnyValue& value) {
  text_.clear();
  pairs_.clear();
  switch (value.kind) {
    case AnyKind::kEmpty:
      break;
    case AnyKind::kString:
      return value.bytes;
    case AnyKind::kBytes:
      RETURN_IF_ERROR(AppendBase64(value.bytes));
      break;
    default:
      RETURN_IF_ERROR(AppendJson(value, 0));
  }
  return std::string_view(text_);
}

Status OtlpTextWriter::Reserve(size_t bytes) {
  if (text_.capacity() - text_.size() >= bytes) return absl::OkStatus();
  return ReserveCharged(text_.size() + bytes, memory_, &text_);
}

Status OtlpTextWriter::Append(std::string_view text) {
  RETURN_IF_ERROR(Reserve(text.size()));
  text_.append(text);
  return absl::OkStatus();
}

Status OtlpTextWriter::AppendJson(const AnyValue& value, int depth) {
  if (depth > kMaxValueDepth) return InvalidArgument("attribute value nests too deep");
  switch (value.kind) {
    case AnyKind::kEmpty:
      return Append("null");
    case AnyKind::kString:
      return AppendJsonString(value.bytes);
    case AnyKind::kBool:
      return Append(value.integer != 0 ? "true" : "false");
    case AnyKind::kInt:
      return Append(StrCat(value.integer));
    case AnyKind::kDouble:
      return Append(JsonNumber(value.number));
    case AnyKind::kBytes:
      RETURN_IF_ERROR(Append("\""));
      RETURN_IF_ERROR(AppendBase64(value.bytes));
      return Append("\"");
    case AnyKind::kArray:
      return AppendJsonArray(value.bytes, depth);
    case AnyKind::kMap:
      return AppendJsonMap(value.bytes, depth);
  }
  return absl::OkStatus();
}

Status OtlpTextWriter::AppendJsonArray(std::string_view message, int depth) {
  RETURN_IF_ERROR(Append("["));
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
    if (!std::exchange(first, false)) RETURN_IF_ERROR(Append(","));
    RETURN_IF_ERROR(AppendJson(value, depth + 1));
  }
  return Append("]");
}

Status OtlpTextWriter::CollectPairs(std::string_view message) {
  const auto begin = static_cast<ptrdiff_t>(pairs_.size());
  WireReader reader(message, "KeyValueList");
  while (!reader.AtEnd()) {
    RETURN_IF_ERROR(reader.ReadTag());
    if (reader.field() != 1) {
      RETURN_IF_ERROR(reader.Skip());
      continue;
    }
    std::string_view bytes;
    RETURN_IF_ERROR(reader.ReadBytes("Values", &bytes));
    ASSIGN_OR_RETURN(const KeyValue pair, ParseKeyValue(bytes));
    RETURN_IF_ERROR(AppendCharged(pair, memory_, &pairs_));
  }
  std::stable_sort(pairs_.begin() + begin, pairs_.end(),
                   [](const KeyValue& a, const KeyValue& b) { return a.key < b.key; });
  return absl::OkStatus();
}

Status OtlpTextWriter::AppendJsonMap(std::string_view message, int depth) {
  const size_t begin = pairs_.size();
  RETURN_IF_ERROR(CollectPairs(message));
  const size_t end = pairs_.size();
  RETURN_IF_ERROR(Append("{"));
  for (size_t i = begin; i < end; ++i) {
    // Maps inside may have moved the pairs.
    const KeyValue pair = pairs_[i];
    // Of equal keys the last stays.
    if (i + 1 < end && pairs_[i + 1].key == pair.key) continue;
    ASSIGN_OR_RETURN(const AnyValue value, ParseAnyValue(pair.value));
    if (text_.back() != '{') RETURN_IF_ERROR(Append(","));
    RETURN_IF_ERROR(AppendJsonString(pair.key));
    RETURN_IF_ERROR(Append(":"));
    RETURN_IF_ERROR(AppendJson(value, depth + 1));
  }
  pairs_.resize(begin);
  return Append("}");
}

Status OtlpTextWriter::AppendJsonString(std::string_view text) {
  RETURN_IF_ERROR(Append("\""));
  for (size_t at = 0; at < text.size();) {
    const DecodedRune rune = DecodeRune(text.substr(at));
    RETURN_IF_ERROR(Reserve(kEscapedRune));
    AppendEscaped(rune, text.substr(at, rune.size), &text_);
    at += rune.size;
  }
  return Append("\"");
}

Status OtlpTextWriter::AppendBase64(std::string_view bytes) {
  for (size_t at = 0; at < bytes.size(); at += kBase64Piece) {
    RETURN_IF_ERROR(Append(absl::Base64Escape(ToAbsl(bytes.substr(at, kBase64Piece)))));
  }
  return absl::OkStatus();
}

}  // namespace skald::ingest
