// Encodings: base64, URL queries, HTML, JavaScript, JSON, sizes.
#include <array>
#include <optional>

#include "absl/container/inlined_vector.h"
#include "query/template/go_format.h"
#include "query/template/json_value.h"
#include "query/template/template_functions.h"
#include "storage/base/ascii.h"
#include "storage/base/byte_size.h"
#include "storage/base/go_quote.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

StatusOr<Value> Base64Encode(const FunctionCall& call) {
  std::string* const out = call.NewText();
  const std::string_view text = call.String(0);
  for (size_t i = 0; i < text.size(); i += 3) {
    uint32_t bits = 0;
    for (size_t j = i; j < i + 3; ++j) {
      bits = bits << 8 | (j < text.size() ? static_cast<unsigned char>(text[j]) : 0);
    }
    for (size_t j = 0; j < 4; ++j) {
      out->push_back(i + j > text.size() ? '=' : kBase64[bits >> (18 - 6 * j) & 0x3F]);
    }
  }
  return call.TextValue();
}

// Decodes padded base64; line ends are ignored. On failure the position that Go names.
std::optional<size_t> DecodeBase64(std::string_view text, std::string* out) {
  std::array<uint32_t, 4> quantum{};
  size_t filled = 0;
  size_t at = 0;
  const auto skip_line_ends = [&] {
    while (at < text.size() && (text[at] == '\n' || text[at] == '\r')) ++at;
  };
  for (skip_line_ends(); at < text.size(); skip_line_ends()) {
    const char c = text[at++];
    const size_t value = kBase64.find(c);
    if (value != std::string_view::npos) {
      quantum[filled++] = static_cast<uint32_t>(value);
      if (filled < 4) continue;
      const uint32_t bits = quantum[0] << 18 | quantum[1] << 12 | quantum[2] << 6 | quantum[3];
      for (const int shift : {16, 8, 0}) out->push_back(static_cast<char>(bits >> shift));
      filled = 0;
      continue;
    }
    if (c != '=' || filled < 2) return at - 1;
    if (filled == 2) {
      skip_line_ends();
      if (at >= text.size()) return text.size();
      if (text[at] != '=') return at - 1;
      ++at;
    }
    out->push_back(static_cast<char>(quantum[0] << 2 | quantum[1] >> 4));
    if (filled == 3) out->push_back(static_cast<char>(quantum[1] << 4 | quantum[2] >> 2));
    skip_line_ends();
    if (at < text.size()) return at;
    return std::nullopt;
  }
  if (filled == 0) return std::nullopt;
  return text.size() - filled;
}

// A failure becomes the result's text.
StatusOr<Value> Base64Decode(const FunctionCall& call) {
  std::string* const out = call.NewText();
  if (const auto position = DecodeBase64(call.String(0), out)) {
    *out = StrCat("illegal base64 data at input byte ", *position);
  }
  return call.TextValue();
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

void AppendQueryEscaped(std::string* out, std::string_view text) {
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out->push_back(c);
    } else if (c == ' ') {
      out->push_back('+');
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out->push_back('%');
      out->push_back("0123456789ABCDEF"[byte >> 4]);
      out->push_back("0123456789ABCDEF"[byte & 0xF]);
    }
  }
}

StatusOr<Value> UrlEncode(const FunctionCall& call) {
  AppendQueryEscaped(call.NewText(), call.String(0));
  return call.TextValue();
}

StatusOr<Value> UrlDecode(const FunctionCall& call) {
  std::string* const out = call.NewText();
  const std::string_view text = call.String(0);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out->push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    const int high = i + 1 < text.size() ? HexValue(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexValue(text[i + 2]) : -1;
    if (high < 0 || low < 0) {
      return InvalidArgument(StrCat("invalid URL escape ", GoQuote(text.substr(i, 3))));
    }
    out->push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return call.TextValue();
}

// The arguments as print writes them, but for what is not there.
std::string Printed(const FunctionCall& call) {
  absl::InlinedVector<Value, 4> args;
  for (const Value& arg : call.args()) {
    args.push_back(arg.is_nil() ? Value::String("<no value>") : arg);
  }
  std::string text;
  AppendPrint(&text, args);
  return text;
}

StatusOr<Value> UrlQuery(const FunctionCall& call) {
  AppendQueryEscaped(call.NewText(), Printed(call));
  return call.TextValue();
}

std::string_view HtmlEntity(char c) {
  switch (c) {
    case '\0':
      return "\xEF\xBF\xBD";
    case '"':
      return "&#34;";
    case '\'':
      return "&#39;";
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    default:
      return {};
  }
}

StatusOr<Value> Html(const FunctionCall& call) {
  std::string* const out = call.NewText();
  for (const char c : Printed(call)) {
    const std::string_view entity = HtmlEntity(c);
    if (entity.empty()) {
      out->push_back(c);
    } else {
      out->append(entity);
    }
  }
  return call.TextValue();
}

void AppendUnicodeEscape(std::string* out, char32_t rune) {
  out->append("\\u");
  const int top = rune > 0xFFFFF ? 20 : rune > 0xFFFF ? 16 : 12;
  for (int shift = top; shift >= 0; shift -= 4) {
    out->push_back("0123456789ABCDEF"[rune >> shift & 0xF]);
  }
}

// Whether a JavaScript string may hold `rune`, spelt `bytes`, as it is: an unsafe one of ASCII may
// not, nor one that does not print (a rune that prints quotes to itself).
bool StandsInJavaScript(char32_t rune, std::string_view bytes) {
  if (rune < ' ' || rune == '<' || rune == '>' || rune == '&' || rune == '=') return false;
  return rune < 0x80 || GoQuote(bytes).size() == bytes.size() + 2;
}

void AppendJavaScript(std::string* out, std::string_view text) {
  while (!text.empty()) {
    const DecodedRune decoded = DecodeRune(text);
    const std::string_view bytes = text.substr(0, decoded.size);
    const char32_t rune = decoded.rune;
    text.remove_prefix(decoded.size);
    if (rune == '\\' || rune == '\'' || rune == '"') {
      out->push_back('\\');
      out->append(bytes);
    } else if (StandsInJavaScript(rune, bytes)) {
      out->append(bytes);
    } else {
      AppendUnicodeEscape(out, rune);
    }
  }
}

StatusOr<Value> JavaScript(const FunctionCall& call) {
  AppendJavaScript(call.NewText(), Printed(call));
  return call.TextValue();
}

StatusOr<Value> FromJson(const FunctionCall& call) {
  return ParseJson(call.String(0), call.arena()).Boxed();
}

StatusOr<Value> Bytes(const FunctionCall& call) {
  ASSIGN_OR_RETURN(const uint64_t bytes, ParseHumanizedBytes(call.String(0)));
  return Value::Float(static_cast<double>(bytes));
}

constexpr FunctionSpec kFunctions[] = {
    {"b64enc", "s", Base64Encode}, {"b64dec", "s", Base64Decode}, {"urlencode", "s", UrlEncode},
    {"urldecode", "s", UrlDecode}, {"urlquery", "a*", UrlQuery},  {"html", "a*", Html},
    {"js", "a*", JavaScript},      {"fromJson", "s", FromJson},   {"bytes", "s", Bytes},
};

}  // namespace

std::span<const FunctionSpec> EncodingFunctions() { return kFunctions; }

}  // namespace skald::query
