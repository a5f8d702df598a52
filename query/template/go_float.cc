#include "query/template/go_float.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "storage/base/go_number.h"

namespace skald {
namespace {

// Every decimal form of a double fits in this many characters besides its precision.
constexpr size_t kMaxWidth = 400;

// Go writes exponents with at least two digits.
void PadExponent(std::string* number, char marker) {
  const size_t at = number->find(marker);
  if (at != std::string::npos && number->size() - at == 3) number->insert(at + 2, 1, '0');
}

std::string Digits(double value, std::chars_format format, int precision) {
  std::string text(kMaxWidth + static_cast<size_t>(precision < 0 ? 0 : precision), '\0');
  char* const end = text.data() + text.size();
  const auto result = precision < 0 ? std::to_chars(text.data(), end, value, format)
                                    : std::to_chars(text.data(), end, value, format, precision);
  text.resize(static_cast<size_t>(result.ptr - text.data()));
  return text;
}

std::string Hexadecimal(double value, int precision) {
  std::string text = Digits(value, std::chars_format::hex, precision);
  PadExponent(&text, 'p');
  text.insert(text[0] == '-' ? 1 : 0, "0x");
  return text;
}

// The mantissa as an integer and the power of two it is multiplied with.
std::string Binary(double value) {
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  if (value == 0) return std::signbit(value) ? "-0p-1074" : "0p-1074";
  const int shift = std::min(53, exponent + 1074);
  const auto mantissa = static_cast<int64_t>(std::ldexp(fraction, shift));
  exponent -= shift;
  return std::to_string(mantissa) + "p" + (exponent >= 0 ? "+" : "") + std::to_string(exponent);
}

std::string General(double value, int precision) {
  return precision < 0 ? FormatGoFloat(value, 'g')
                       : Digits(value, std::chars_format::general, precision);
}

std::string Exponent(double value, int precision) {
  return precision < 0 ? FormatGoFloat(value, 'e')
                       : Digits(value, std::chars_format::scientific, precision);
}

std::string Fixed(double value, int precision) {
  return precision < 0 ? FormatGoFloat(value, 'f')
                       : Digits(value, std::chars_format::fixed, precision);
}

}  // namespace

void AppendGoFloat(std::string* out, double value, char verb, int precision) {
  if (!std::isfinite(value)) {
    out->append(std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
    return;
  }
  std::string text;
  switch (absl::ascii_tolower(static_cast<unsigned char>(verb))) {
    case 'b':
      text = Binary(value);
      break;
    case 'e':
      text = Exponent(value, precision);
      break;
    case 'f':
      text = Fixed(value, precision);
      break;
    case 'x':
      text = Hexadecimal(value, precision);
      break;
    default:
      text = General(value, precision);
  }
  if (verb == 'E' || verb == 'G' || verb == 'X') {
    for (char& c : text) c = absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  out->append(text);
}

}  // namespace skald
