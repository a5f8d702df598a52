// Comparison: eq ne lt le gt ge, between values of one basic type.
#include "query/template/go_format.h"
#include "query/template/template_functions.h"

namespace skald::query {
namespace {

enum class BasicKind { kNone, kBool, kInteger, kByte, kFloat, kString };

BasicKind BasicKindOf(const Value& value) {
  if (value.is_signed_integer()) return BasicKind::kInteger;
  switch (value.kind()) {
    case ValueKind::kBool:
      return BasicKind::kBool;
    case ValueKind::kUint8:
      return BasicKind::kByte;
    case ValueKind::kFloat64:
      return BasicKind::kFloat;
    case ValueKind::kString:
      return BasicKind::kString;
    default:
      return BasicKind::kNone;
  }
}

bool AreIntegers(BasicKind a, BasicKind b) {
  return (a == BasicKind::kInteger || a == BasicKind::kByte) &&
         (b == BasicKind::kInteger || b == BasicKind::kByte);
}

Status Incompatible(const Value& a, const Value& b) {
  return InvalidArgument(
      StrCat("incompatible types for comparison: ", TypeName(a), " and ", TypeName(b)));
}

// A value for a message, cut short when it is very long.
std::string Printed(std::string_view format, const Value& value) {
  constexpr size_t kLimit = 64 << 10;
  std::string text;
  AppendPrintf(&text, format, std::span(&value, 1), kLimit).IgnoreError();
  return text;
}

Status BadType() { return InvalidArgument("invalid type for comparison"); }

// Values of no basic type: nothing equals nothing, times equal times; lists and maps do not
// compare.
StatusOr<bool> EqualComposites(const Value& a, const Value& b) {
  if (a.is_nil() || b.is_nil()) return a.is_nil() == b.is_nil();
  const bool same_kind = a.kind() == b.kind() || (a.is_map() && b.is_map());
  if (!same_kind) {
    return InvalidArgument(StrCat("non-comparable types ", Printed("%s", a), ": ", TypeName(a),
                                  ", ", TypeName(b), ": ", Printed("%v", b)));
  }
  if (b.kind() != ValueKind::kTime) {
    return InvalidArgument(StrCat("non-comparable type ", Printed("%s", b), ": ", TypeName(b)));
  }
  const GoTime& left = a.as_time();
  const GoTime& right = b.as_time();
  return left.instant == right.instant && left.fixed == right.fixed && left.zone == right.zone &&
         left.fixed_offset == right.fixed_offset && left.abbreviation == right.abbreviation;
}

StatusOr<bool> AreEqual(const Value& a, const Value& b) {
  const BasicKind kind = BasicKindOf(a);
  const BasicKind other = BasicKindOf(b);
  if (AreIntegers(kind, other)) return a.as_int() == b.as_int();
  if (kind != other) {
    if (a.is_nil() || b.is_nil()) return false;
    return Incompatible(a, b);
  }
  switch (kind) {
    case BasicKind::kBool:
      return a.as_bool() == b.as_bool();
    case BasicKind::kFloat:
      return a.as_float() == b.as_float();
    case BasicKind::kString:
      return a.as_string() == b.as_string();
    default:
      return EqualComposites(a, b);
  }
}

StatusOr<bool> IsLess(const Value& a, const Value& b) {
  const BasicKind kind = BasicKindOf(a);
  const BasicKind other = BasicKindOf(b);
  if (kind == BasicKind::kNone || other == BasicKind::kNone) return BadType();
  if (AreIntegers(kind, other)) return a.as_int() < b.as_int();
  if (kind != other) return Incompatible(a, b);
  if (kind == BasicKind::kFloat) return a.as_float() < b.as_float();
  if (kind == BasicKind::kString) return a.as_string() < b.as_string();
  return BadType();
}

// A NaN is neither less than nor equal to anything, so `le` is not the opposite of `gt` of the
// swapped operands.
StatusOr<bool> IsLessOrEqual(const Value& a, const Value& b) {
  ASSIGN_OR_RETURN(const bool less, IsLess(a, b));
  if (less) return true;
  return AreEqual(a, b);
}

StatusOr<Value> Equal(const FunctionCall& call) {
  if (call.args().size() == 1) return InvalidArgument("missing argument for comparison");
  for (const Value& other : call.args().subspan(1)) {
    ASSIGN_OR_RETURN(const bool equal, AreEqual(call.arg(0), other));
    if (equal) return Value::Bool(true);
  }
  return Value::Bool(false);
}

StatusOr<Value> NotEqual(const FunctionCall& call) {
  ASSIGN_OR_RETURN(const bool equal, AreEqual(call.arg(0), call.arg(1)));
  return Value::Bool(!equal);
}
StatusOr<Value> Less(const FunctionCall& call) {
  ASSIGN_OR_RETURN(const bool less, IsLess(call.arg(0), call.arg(1)));
  return Value::Bool(less);
}
StatusOr<Value> LessOrEqual(const FunctionCall& call) {
  ASSIGN_OR_RETURN(const bool result, IsLessOrEqual(call.arg(0), call.arg(1)));
  return Value::Bool(result);
}
StatusOr<Value> Greater(const FunctionCall& call) {
  ASSIGN_OR_RETURN(const bool result, IsLessOrEqual(call.arg(0), call.arg(1)));
  return Value::Bool(!result);
}
StatusOr<Value> GreaterOrEqual(const FunctionCall& call) {
  ASSIGN_OR_RETURN(const bool less, IsLess(call.arg(0), call.arg(1)));
  return Value::Bool(!less);
}

constexpr FunctionSpec kFunctions[] = {
    {"eq", "vv*", Equal},      {"ne", "vv", NotEqual}, {"lt", "vv", Less},
    {"le", "vv", LessOrEqual}, {"gt", "vv", Greater},  {"ge", "vv", GreaterOrEqual},
};

}  // namespace

std::span<const FunctionSpec> ComparisonFunctions() { return kFunctions; }

}  // namespace skald::query
