#include "query/template/go_integer.h"

#include "absl/strings/ascii.h"

namespace skald {
namespace {

// Consumes a base prefix.
int TakeBase(std::string_view* digits) {
  if (digits->size() < 2 || (*digits)[0] != '0') return 10;
  const char marker = absl::ascii_tolower(static_cast<unsigned char>((*digits)[1]));
  const int base = marker == 'x' ? 16 : marker == 'o' ? 8 : marker == 'b' ? 2 : 0;
  digits->remove_prefix(base == 0 ? 1 : 2);
  return base == 0 ? 8 : base;
}

int DigitValue(char c) {
  c = absl::ascii_tolower(static_cast<unsigned char>(c));
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

}  // namespace

std::optional<int64_t> ParseGoIntLiteral(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  std::string_view digits = text;
  const int base = TakeBase(&digits);
  if (digits.empty()) return std::nullopt;
  // An underscore needs a digit, or a prefix, before it and a digit after it.
  bool after_digit = digits.size() != text.size();
  uint64_t magnitude = 0;
  for (const char c : digits) {
    if (c == '_') {
      if (!after_digit) return std::nullopt;
      after_digit = false;
      continue;
    }
    const int digit = DigitValue(c);
    if (digit >= base) return std::nullopt;
    if (__builtin_mul_overflow(magnitude, static_cast<uint64_t>(base), &magnitude) ||
        __builtin_add_overflow(magnitude, static_cast<uint64_t>(digit), &magnitude)) {
      return std::nullopt;
    }
    after_digit = true;
  }
  if (!after_digit) return std::nullopt;
  constexpr uint64_t kLimit = uint64_t{1} << 63;
  if (magnitude > kLimit || (magnitude == kLimit && !negative)) return std::nullopt;
  return static_cast<int64_t>(negative ? 0 - magnitude : magnitude);
}

}  // namespace skald
