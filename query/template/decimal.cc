#include "query/template/decimal.h"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

#include "storage/base/go_number.h"

namespace skald {
namespace {

using boost::multiprecision::cpp_int;

// Digits after the point that a quotient keeps.
constexpr int kQuotientDigits = 16;
// Bounds both the digits of a number and its exponent.
constexpr int kMaxDigits = 4000;

// The number digits * 10^exponent.
struct Decimal {
  cpp_int digits;
  int exponent = 0;
};

cpp_int PowerOfTen(int exponent) {
  return boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(exponent));
}

// REQUIRES: `value` is finite.
Decimal FromFloat(double value) {
  // d.ddde±xx, with the shortest digits.
  char text[40];
  const auto end =
      std::to_chars(text, text + sizeof(text) - 1, value, std::chars_format::scientific);
  Decimal decimal;
  bool negative = false;
  bool fraction = false;
  int64_t digits = 0;
  const char* c = text;
  for (; c != end.ptr && *c != 'e'; ++c) {
    if (*c == '-') {
      negative = true;
    } else if (*c == '.') {
      fraction = true;
    } else {
      digits = digits * 10 + (*c - '0');
      decimal.exponent -= fraction ? 1 : 0;
    }
  }
  *end.ptr = '\0';
  decimal.exponent += std::atoi(c + 1);
  decimal.digits = negative ? -digits : digits;
  return decimal;
}

double ToFloat(const Decimal& decimal) {
  const std::string text = decimal.digits.str() + "e" + std::to_string(decimal.exponent);
  return std::strtod(text.c_str(), nullptr);
}

bool WithinBounds(const Decimal& decimal) {
  // A decimal digit takes more than three bits.
  constexpr unsigned kMaxBits = kMaxDigits * 4;
  return std::abs(decimal.exponent) <= kMaxDigits &&
         (decimal.digits == 0 || msb(abs(decimal.digits)) < kMaxBits);
}

// Gives both the smaller exponent.
void Align(Decimal* a, Decimal* b) {
  if (a->exponent < b->exponent) std::swap(a, b);
  a->digits *= PowerOfTen(a->exponent - b->exponent);
  a->exponent = b->exponent;
}

// REQUIRES: b is not zero.
Decimal Divide(const Decimal& a, const Decimal& b) {
  cpp_int dividend = a.digits;
  cpp_int divisor = b.digits;
  const int shift = a.exponent - b.exponent + kQuotientDigits;
  (shift >= 0 ? dividend : divisor) *= PowerOfTen(std::abs(shift));
  Decimal quotient{dividend / divisor, -kQuotientDigits};
  const cpp_int remainder = dividend % divisor;
  if (abs(remainder) * 2 >= abs(divisor)) {
    quotient.digits += (dividend < 0) == (divisor < 0) ? 1 : -1;
  }
  return quotient;
}

StatusOr<Decimal> Combine(DecimalOperation operation, Decimal a, Decimal b) {
  switch (operation) {
    case DecimalOperation::kAdd:
      Align(&a, &b);
      a.digits += b.digits;
      return a;
    case DecimalOperation::kSubtract:
      Align(&a, &b);
      a.digits -= b.digits;
      return a;
    case DecimalOperation::kMultiply:
      a.digits *= b.digits;
      a.exponent += b.exponent;
      return a;
    case DecimalOperation::kDivide:
      break;
  }
  if (b.digits == 0) return InvalidArgument("decimal division by 0");
  return Divide(a, b);
}

Status CheckFinite(double value) {
  if (std::isfinite(value)) return absl::OkStatus();
  return InvalidArgument(StrCat("Cannot create a Decimal from ", FormatGoFloat(value, 'g')));
}

}  // namespace

StatusOr<double> CombineDecimals(DecimalOperation operation, double first,
                                 std::span<const double> rest) {
  RETURN_IF_ERROR(CheckFinite(first));
  Decimal result = FromFloat(first);
  for (const double value : rest) {
    RETURN_IF_ERROR(CheckFinite(value));
    ASSIGN_OR_RETURN(result, Combine(operation, std::move(result), FromFloat(value)));
    if (!WithinBounds(result)) return InvalidArgument("decimal out of range");
  }
  return ToFloat(result);
}

}  // namespace skald
