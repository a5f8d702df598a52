#include "query/syntax/string_literal.h"

#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

// How many digits of what base follow a backslash and `kind`; count 0 if none do.
struct NumericEscape {
  size_t skip;  // characters before the digits
  size_t digits;
  unsigned base;
};
std::optional<NumericEscape> FindNumericEscape(char kind) {
  switch (kind) {
    case 'x':
      return NumericEscape{1, 2, 16};
    case 'u':
      return NumericEscape{1, 4, 16};
    case 'U':
      return NumericEscape{1, 8, 16};
    default:
      if (kind >= '0' && kind <= '7') return NumericEscape{0, 3, 8};
      return std::nullopt;
  }
}

unsigned DigitValue(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char lower = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower >= 'a' && lower <= 'f' ? static_cast<unsigned>(lower - 'a' + 10) : 16;
}

// Decodes the escape after a backslash at the front of `rest`, which it shortens.
Status DecodeEscape(std::string_view* rest, char quote, std::string* out) {
  constexpr std::string_view kSimple = "abfnrtv\\";
  constexpr std::string_view kMeaning = "\a\b\f\n\r\t\v\\";
  const char kind = rest->empty() ? '\0' : rest->front();
  const size_t simple = kSimple.find(kind);
  if (kind == quote || (simple != std::string_view::npos && kind != '\0')) {
    out->push_back(kind == quote ? quote : kMeaning[simple]);
    rest->remove_prefix(1);
    return absl::OkStatus();
  }
  const std::optional<NumericEscape> escape = FindNumericEscape(kind);
  if (!escape.has_value()) return InvalidArgument("invalid char escape");
  rest->remove_prefix(escape->skip);
  uint64_t value = 0;
  for (size_t i = 0; i < escape->digits; ++i) {
    const unsigned digit = rest->empty() ? 16 : DigitValue(rest->front());
    if (digit >= escape->base) return InvalidArgument("invalid char escape");
    value = value * escape->base + digit;
    rest->remove_prefix(1);
  }
  const bool is_rune = escape->digits >= 4;
  if (value > (is_rune ? 0x10FFFFu : 0xFFu)) return InvalidArgument("invalid syntax");
  if (is_rune) {
    AppendRune(out, static_cast<char32_t>(value));
  } else {
    out->push_back(static_cast<char>(value));
  }
  return absl::OkStatus();
}

}  // namespace

StatusOr<QuotedLiteral> DecodeQuoted(std::string_view text, char quote) {
  QuotedLiteral literal{0, 0, ""};
  std::string_view rest = text.substr(1);
  while (!rest.empty() && rest.front() != quote) {
    if (rest.front() == '\n') return InvalidArgument("literal not terminated");
    ++literal.characters;
    if (rest.front() == '\\') {
      rest.remove_prefix(1);
      RETURN_IF_ERROR(DecodeEscape(&rest, quote, &literal.value));
      continue;
    }
    const size_t size = DecodeRune(rest).size;
    literal.value.append(rest.substr(0, size));
    rest.remove_prefix(size);
  }
  if (rest.empty()) return InvalidArgument("literal not terminated");
  literal.size = text.size() - rest.size() + 1;
  return literal;
}

}  // namespace skald::query
