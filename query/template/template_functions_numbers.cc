// Numbers: conversion, arithmetic on integers and on decimals, rounding.
#include <cmath>
#include <limits>

#include "absl/container/inlined_vector.h"
#include "query/template/decimal.h"
#include "query/template/template_functions.h"
#include "query/template/value_cast.h"

namespace skald::query {
namespace {

// Go's integers wrap around.
int64_t WrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
int64_t WrappingSubtract(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t WrappingMultiply(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

StatusOr<Value> Int(const FunctionCall& call) { return Value::Int(ToInt64(call.arg(0))); }
StatusOr<Value> Float(const FunctionCall& call) { return Value::Float(ToFloat64(call.arg(0))); }

StatusOr<Value> Add(const FunctionCall& call) {
  int64_t sum = 0;
  for (const Value& arg : call.args()) sum = WrappingAdd(sum, ToInt64(arg));
  return Value::Int64(sum);
}

StatusOr<Value> Subtract(const FunctionCall& call) {
  return Value::Int64(WrappingSubtract(ToInt64(call.arg(0)), ToInt64(call.arg(1))));
}

StatusOr<Value> Multiply(const FunctionCall& call) {
  int64_t product = 1;
  for (const Value& arg : call.args()) product = WrappingMultiply(product, ToInt64(arg));
  return Value::Int64(product);
}

StatusOr<Value> DivideOrRemainder(const FunctionCall& call, bool remainder) {
  const int64_t a = ToInt64(call.arg(0));
  const int64_t b = ToInt64(call.arg(1));
  if (b == 0) return InvalidArgument("runtime error: integer divide by zero");
  // The one quotient that does not fit wraps around.
  if (b == -1) return Value::Int64(remainder ? 0 : WrappingSubtract(0, a));
  return Value::Int64(remainder ? a % b : a / b);
}
StatusOr<Value> Divide(const FunctionCall& call) { return DivideOrRemainder(call, false); }
StatusOr<Value> Remainder(const FunctionCall& call) { return DivideOrRemainder(call, true); }

StatusOr<Value> Max(const FunctionCall& call) {
  int64_t best = ToInt64(call.arg(0));
  for (const Value& arg : call.args()) best = std::max(best, ToInt64(arg));
  return Value::Int64(best);
}
StatusOr<Value> Min(const FunctionCall& call) {
  int64_t best = ToInt64(call.arg(0));
  for (const Value& arg : call.args()) best = std::min(best, ToInt64(arg));
  return Value::Int64(best);
}

// The extreme of a and b in the direction of `winner`, an infinity, which even beats NaN.
double Extreme(double a, double b, double winner) {
  if (a == winner || b == winner) return winner;
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
  if (a == 0 && b == 0) return std::signbit(a) == (winner < 0) ? a : b;
  return (a > b) == (winner > 0) ? a : b;
}

StatusOr<Value> ExtremeFloat(const FunctionCall& call, double winner) {
  double best = ToFloat64(call.arg(0));
  for (const Value& arg : call.args().subspan(1)) best = Extreme(best, ToFloat64(arg), winner);
  return Value::Float(best);
}
StatusOr<Value> MaxFloat(const FunctionCall& call) {
  return ExtremeFloat(call, std::numeric_limits<double>::infinity());
}
StatusOr<Value> MinFloat(const FunctionCall& call) {
  return ExtremeFloat(call, -std::numeric_limits<double>::infinity());
}

StatusOr<Value> CombineFrom(DecimalOperation operation, double first, std::span<const Value> rest) {
  absl::InlinedVector<double, 8> numbers;
  for (const Value& value : rest) numbers.push_back(ToFloat64(value));
  ASSIGN_OR_RETURN(const double result, CombineDecimals(operation, first, numbers));
  return Value::Float(result);
}

StatusOr<Value> CombineArguments(const FunctionCall& call, DecimalOperation operation) {
  return CombineFrom(operation, ToFloat64(call.arg(0)), call.args().subspan(1));
}

StatusOr<Value> AddDecimals(const FunctionCall& call) {
  return CombineFrom(DecimalOperation::kAdd, 0, call.args());
}
StatusOr<Value> SubtractDecimals(const FunctionCall& call) {
  return CombineArguments(call, DecimalOperation::kSubtract);
}
StatusOr<Value> MultiplyDecimals(const FunctionCall& call) {
  return CombineArguments(call, DecimalOperation::kMultiply);
}
StatusOr<Value> DivideDecimals(const FunctionCall& call) {
  return CombineArguments(call, DecimalOperation::kDivide);
}

StatusOr<Value> Ceil(const FunctionCall& call) {
  return Value::Float(std::ceil(ToFloat64(call.arg(0))));
}
StatusOr<Value> Floor(const FunctionCall& call) {
  return Value::Float(std::floor(ToFloat64(call.arg(0))));
}

StatusOr<Value> Round(const FunctionCall& call) {
  const double round_on = call.args().size() > 2 ? call.arg(2).as_float() : 0.5;
  const double scale = std::pow(10, static_cast<double>(call.Int(1)));
  const double scaled = scale * ToFloat64(call.arg(0));
  double whole = 0;
  const double fraction = std::modf(scaled, &whole);
  return Value::Float((fraction >= round_on ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

constexpr FunctionSpec kFunctions[] = {
    {"int", "a", Int},
    {"float64", "a", Float},
    {"add", "a*", Add},
    {"sub", "aa", Subtract},
    {"mul", "aa*", Multiply},
    {"div", "aa", Divide},
    {"mod", "aa", Remainder},
    {"max", "aa*", Max},
    {"min", "aa*", Min},
    {"maxf", "aa*", MaxFloat},
    {"minf", "aa*", MinFloat},
    {"addf", "a*", AddDecimals},
    {"subf", "aa*", SubtractDecimals},
    {"mulf", "aa*", MultiplyDecimals},
    {"divf", "aa*", DivideDecimals},
    {"ceil", "a", Ceil},
    {"floor", "a", Floor},
    {"round", "aif*", Round},
};

}  // namespace

std::span<const FunctionSpec> NumberFunctions() { return kFunctions; }

}  // namespace skald::query
