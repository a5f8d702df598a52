#include "server/http/json_writer.h"

#include <array>
#include <charconv>

#include "storage/base/go_number.h"
#include "storage/base/strings.h"
#include "storage/base/utf8.h"

namespace skald::http {
namespace {

enum ByteClass : uint8_t { kClean, kEscape, kHtmlEscape, kMultibyte };

constexpr std::array<ByteClass, 256> MakeByteClasses() {
  std::array<ByteClass, 256> classes{};
  for (size_t byte = 0; byte < 256; ++byte) {
    if (byte < 0x20 || byte == '"' || byte == '\\') {
      classes[byte] = kEscape;
    } else if (byte == '<' || byte == '>' || byte == '&') {
      classes[byte] = kHtmlEscape;
    } else if (byte >= 0x80) {
      classes[byte] = kMultibyte;
    }
  }
  return classes;
}
constexpr std::array<ByteClass, 256> kByteClasses = MakeByteClasses();

void AppendUnicodeEscape(std::string* out, unsigned char byte) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out->append("\\u00");
  *out += kHex[byte >> 4];
  *out += kHex[byte & 15];
}

void AppendEscaped(std::string* out, char c) {
  switch (c) {
    case '"':
      out->append("\\\"");
      break;
    case '\\':
      out->append("\\\\");
      break;
    case '\n':
      out->append("\\n");
      break;
    case '\r':
      out->append("\\r");
      break;
    case '\t':
      out->append("\\t");
      break;
    default:
      AppendUnicodeEscape(out, static_cast<unsigned char>(c));
  }
}

// Appends the rune that `text` begins with; returns its bytes.
size_t AppendMultibyte(std::string* out, std::string_view text, JsonEscape escape) {
  const DecodedRune rune = DecodeRune(text);
  if (rune.invalid) {
    out->append("\\ufffd");
  } else if (escape == JsonEscape::kHtml && (rune.rune == 0x2028 || rune.rune == 0x2029)) {
    out->append(rune.rune == 0x2028 ? "\\u2028" : "\\u2029");
  } else {
    out->append(text.substr(0, rune.size));
  }
  return rune.size;
}

template <typename T>
void AppendNumber(std::string* out, T value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  out->append(digits, end);
}

}  // namespace

void AppendJsonString(std::string* out, std::string_view value, JsonEscape escape) {
  *out += '"';
  size_t clean = 0;  // begin of what was looked at and needs no change
  size_t i = 0;
  while (i < value.size()) {
    const ByteClass what = kByteClasses[static_cast<unsigned char>(value[i])];
    if (what == kClean || (what == kHtmlEscape && escape == JsonEscape::kPlain)) {
      ++i;
      continue;
    }
    out->append(value.substr(clean, i - clean));
    if (what == kEscape) {
      AppendEscaped(out, value[i++]);
    } else if (what == kHtmlEscape) {
      AppendUnicodeEscape(out, static_cast<unsigned char>(value[i++]));
    } else {
      i += AppendMultibyte(out, value.substr(i), escape);
    }
    clean = i;
  }
  out->append(value.substr(clean));
  *out += '"';
}

void AppendJsonSeconds(std::string* out, int64_t nanos) {
  const int64_t millis = nanos / 1'000'000;
  if (millis < 0) *out += '-';
  const uint64_t distance = millis < 0 ? -static_cast<uint64_t>(millis) : millis;
  AppendNumber(out, distance / 1000);
  uint64_t fraction = distance % 1000;
  if (fraction == 0) return;
  char digits[4] = {'.', static_cast<char>('0' + fraction / 100),
                    static_cast<char>('0' + fraction / 10 % 10),
                    static_cast<char>('0' + fraction % 10)};
  size_t size = 4;
  while (digits[size - 1] == '0') --size;
  out->append(digits, size);
}

std::string* JsonWriter::Value() {
  std::string* out = text_->Tail();
  if (comma_) *out += ',';
  comma_ = true;
  return out;
}

void JsonWriter::Open(char bracket) {
  *Value() += bracket;
  comma_ = false;
}

void JsonWriter::Close(char bracket) {
  *text_->Tail() += bracket;
  comma_ = true;
}

void JsonWriter::Key(std::string_view name, JsonEscape escape) {
  std::string* out = Value();
  AppendJsonString(out, name, escape);
  *out += ':';
  comma_ = false;
}

void JsonWriter::String(std::string_view value, JsonEscape escape) {
  AppendJsonString(Value(), value, escape);
}

void JsonWriter::Integer(int64_t value) { AppendNumber(Value(), value); }
void JsonWriter::Unsigned(uint64_t value) { AppendNumber(Value(), value); }
void JsonWriter::Double(double value) { Value()->append(FormatGoFloat(value, 'f')); }

void JsonWriter::DoubleString(double value) {
  std::string* out = Value();
  *out += '"';
  out->append(FormatGoFloat(value, 'f'));
  *out += '"';
}

void JsonWriter::IntegerString(int64_t value) {
  std::string* out = Value();
  *out += '"';
  AppendNumber(out, value);
  *out += '"';
}

void JsonWriter::Seconds(int64_t nanos) { AppendJsonSeconds(Value(), nanos); }
void JsonWriter::Bool(bool value) { Value()->append(value ? "true" : "false"); }
void JsonWriter::Null() { Value()->append("null"); }

}  // namespace skald::http
