#include "query/template/value_cast.h"

#include <cmath>
#include <limits>

#include "query/template/go_integer.h"
#include "storage/base/ascii.h"
#include "storage/base/go_number.h"

namespace skald::query {
namespace {

// The number before the point when the text is a plain decimal fraction, else the text.
std::string_view WithoutFraction(std::string_view text) {
  const size_t point = text.find('.');
  if (point == std::string_view::npos) return text;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool sign = i == 0 && (text[0] == '-' || text[0] == '+');
    if (!sign && i != point && !IsDigit(text[i])) return text;
  }
  const std::string_view whole = text.substr(0, point);
  return whole.empty() || whole == "-" || whole == "+" ? "0" : whole;
}

int64_t FloatToInt(double value) {
  // What the conversion gives for a number that does not fit, as in Go on this hardware.
  constexpr double kLimit = 9223372036854775808.0;
  if (!(value >= -kLimit && value < kLimit)) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(value);
}

}  // namespace

int64_t ToInt64(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kFloat64:
      return FloatToInt(value.as_float());
    case ValueKind::kString:
      return ParseGoIntLiteral(WithoutFraction(value.as_string())).value_or(0);
    case ValueKind::kInvalid:
    case ValueKind::kNil:
    case ValueKind::kTime:
    case ValueKind::kList:
    case ValueKind::kMap:
    case ValueKind::kLabels:
      return 0;
    default:
      return value.as_int();
  }
}

double ToFloat64(const Value& value) {
  double number = 0;
  switch (value.kind()) {
    case ValueKind::kFloat64:
      return value.as_float();
    case ValueKind::kString:
      return TryParseGoFloat(value.as_string(), &number) ? number : 0;
    default:
      return static_cast<double>(ToInt64(value));
  }
}

}  // namespace skald::query
