#include "tools/cli/json_text.h"

#include "absl/strings/str_format.h"
#include "storage/base/utf8.h"

namespace skald::cli {
namespace {

void AppendAscii(std::string* out, char c) {
  switch (c) {
    case '"':
      *out += "\\\"";
      return;
    case '\\':
      *out += "\\\\";
      return;
    case '\n':
      *out += "\\n";
      return;
    case '\r':
      *out += "\\r";
      return;
    case '\t':
      *out += "\\t";
      return;
    case '\b':
      *out += "\\b";
      return;
    case '\f':
      *out += "\\f";
      return;
    default:
      break;
  }
  if (c < 0x20 || c == '<' || c == '>' || c == '&') {
    absl::StrAppendFormat(out, "\\u%04x", c);
  } else {
    *out += c;
  }
}

}  // namespace

void AppendJsonString(std::string* out, std::string_view text) {
  *out += '"';
  while (!text.empty()) {
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      AppendAscii(out, text[0]);
      text.remove_prefix(1);
      continue;
    }
    DecodedRune rune = DecodeRune(text);
    if (rune.invalid) {
      *out += "\\ufffd";
    } else if (rune.rune == 0x2028 || rune.rune == 0x2029) {
      *out += rune.rune == 0x2028 ? "\\u2028" : "\\u2029";
    } else {
      *out += text.substr(0, rune.size);
    }
    text.remove_prefix(rune.size);
  }
  *out += '"';
}

}  // namespace skald::cli
