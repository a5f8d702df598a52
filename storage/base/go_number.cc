#include "storage/base/go_number.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "storage/base/ascii.h"
#include "storage/base/go_quote.h"

namespace skald {
namespace {

enum class NumberError { kNone, kSyntax, kRange };

char Lower(char c) { return absl::ascii_tolower(static_cast<unsigned char>(c)); }

Status NumberStatus(std::string_view function, std::string_view text, NumberError error) {
  return InvalidArgument(
      StrCat("strconv.", function, ": parsing ", GoQuote(text),
             error == NumberError::kRange ? ": value out of range" : ": invalid syntax"));
}

// inf, infinity and nan, in any letter case; only the infinities take a sign.
std::optional<double> SpecialFloat(std::string_view text) {
  if (absl::EqualsIgnoreCase(ToAbsl(text), "nan")) return std::numeric_limits<double>::quiet_NaN();
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  if (!absl::EqualsIgnoreCase(ToAbsl(text), "inf") &&
      !absl::EqualsIgnoreCase(ToAbsl(text), "infinity")) {
    return std::nullopt;
  }
  const double infinity = std::numeric_limits<double>::infinity();
  return negative ? -infinity : infinity;
}

// Underscores stand only between digits, or between the base prefix and a digit.
bool UnderscoresOk(std::string_view digits, bool hex) {
  bool after_digit = hex;
  for (size_t i = 0; i < digits.size(); ++i) {
    const char c = digits[i];
    if (c == '_') {
      const bool before_digit =
          i + 1 < digits.size() && (hex ? IsHexDigit(digits[i + 1]) : IsDigit(digits[i + 1]));
      if (!after_digit || !before_digit) return false;
    }
    after_digit = hex ? IsHexDigit(c) : IsDigit(c);
  }
  return true;
}

// Checks the number without sign and base prefix against Go's grammar: digits with at most one
// point, then an exponent (which a hexadecimal number must have). Sets `underscores` if any.
bool FloatSyntaxOk(std::string_view text, bool hex, bool* underscores) {
  size_t i = 0;
  bool digits = false;
  bool point = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '_') {
      *underscores = true;
    } else if (c == '.' && !point) {
      point = true;
    } else if (hex ? IsHexDigit(c) : IsDigit(c)) {
      digits = true;
    } else {
      break;
    }
  }
  if (!digits) return false;
  if (i == text.size()) return !hex && (!*underscores || UnderscoresOk(text, hex));
  if (Lower(text[i]) != (hex ? 'p' : 'e')) return false;
  ++i;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
  if (i == text.size() || !IsDigit(text[i])) return false;
  for (; i < text.size(); ++i) {
    if (text[i] == '_') *underscores = true;
    if (text[i] != '_' && !IsDigit(text[i])) return false;
  }
  return !*underscores || UnderscoresOk(text, hex);
}

// from_chars says only "out of range"; strtod tells overflow from underflow, which is no error.
NumberError ConvertOutOfRange(const std::string& text, double* value) {
  *value = std::strtod(text.c_str(), nullptr);
  return std::isinf(*value) ? NumberError::kRange : NumberError::kNone;
}

NumberError ConvertFloat(std::string_view text, bool hex, double* value) {
  const auto format = hex ? std::chars_format::hex : std::chars_format::general;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *value, format);
  if (result.ec == std::errc::result_out_of_range) {
    return ConvertOutOfRange(StrCat(hex ? "0x" : "", text), value);
  }
  return result.ec == std::errc() ? NumberError::kNone : NumberError::kSyntax;
}

NumberError ParseFloat(std::string_view text, double* value) {
  if (const std::optional<double> special = SpecialFloat(text)) {
    *value = *special;
    return NumberError::kNone;
  }
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest[0] == '-';
  if (negative || (!rest.empty() && rest[0] == '+')) rest.remove_prefix(1);
  const bool hex = rest.size() > 2 && rest[0] == '0' && Lower(rest[1]) == 'x';
  if (hex) rest.remove_prefix(2);
  bool underscores = false;
  if (!FloatSyntaxOk(rest, hex, &underscores)) return NumberError::kSyntax;
  NumberError error;
  if (underscores) {
    std::string plain(rest);
    std::erase(plain, '_');
    error = ConvertFloat(plain, hex, value);
  } else {
    error = ConvertFloat(rest, hex, value);
  }
  if (negative) *value = -*value;
  return error;
}

// The exponent of the last "e+NN" of a scientific text.
int ExponentOf(std::string_view scientific) {
  std::string_view digits = scientific.substr(scientific.rfind('e') + 1);
  if (digits[0] == '+') digits.remove_prefix(1);
  int exponent = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), exponent);
  return exponent;
}

// The shortest digits that read back as `value`, in the exponent form with two exponent digits.
std::string Scientific(double value) {
  char buffer[32];
  const auto result =
      std::to_chars(buffer, buffer + sizeof(buffer), value, std::chars_format::scientific);
  return std::string(buffer, result.ptr);
}

// The same digits without exponent. (to_chars' own fixed form prints a large value's every digit,
// where Go fills up with zeros.)
std::string Fixed(std::string_view scientific) {
  const int exponent = ExponentOf(scientific);
  std::string digits(scientific.substr(0, scientific.rfind('e')));
  const bool negative = digits[0] == '-';
  std::erase_if(digits, [](char c) { return c == '-' || c == '.'; });
  if (exponent < 0) {
    digits.insert(0, static_cast<size_t>(-exponent), '0');
  } else if (digits.size() < static_cast<size_t>(exponent) + 1) {
    digits.resize(static_cast<size_t>(exponent) + 1, '0');
  }
  const size_t whole = exponent < 0 ? 1 : static_cast<size_t>(exponent) + 1;
  if (digits.size() > whole) digits.insert(whole, ".");
  if (negative) digits.insert(0, "-");
  return digits;
}

}  // namespace

StatusOr<double> ParseGoFloat(std::string_view text) {
  double value = 0;
  const NumberError error = ParseFloat(text, &value);
  if (error != NumberError::kNone) return NumberStatus("ParseFloat", text, error);
  return value;
}

bool TryParseGoFloat(std::string_view text, double* value) {
  return ParseFloat(text, value) == NumberError::kNone;
}

StatusOr<int64_t> ParseGoInt(std::string_view text, std::string_view function) {
  std::string_view digits = text;
  if (!digits.empty() && digits[0] == '+') {
    digits.remove_prefix(1);
    if (digits.empty() || !IsDigit(digits[0])) {
      return NumberStatus(function, text, NumberError::kSyntax);
    }
  }
  int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value);
  if (digits.empty() || result.ec == std::errc::invalid_argument || result.ptr != end) {
    return NumberStatus(function, text, NumberError::kSyntax);
  }
  if (result.ec != std::errc()) return NumberStatus(function, text, NumberError::kRange);
  return value;
}

std::string FormatGoFloat(double value, char format) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  const std::string scientific = Scientific(value);
  if (format == 'e') return scientific;
  if (format == 'f') return Fixed(scientific);
  const int exponent = ExponentOf(scientific);
  return exponent < -4 || exponent >= 6 ? scientific : Fixed(scientific);
}

}  // namespace skald
