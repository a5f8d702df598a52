#include "query/template/template_value.h"

#include <algorithm>

namespace skald::query {

Value Value::Float(double v) {
  Value value(ValueKind::kFloat64);
  value.float_ = v;
  return value;
}

Value Value::String(std::string_view v) {
  Value value(ValueKind::kString);
  value.chars_ = v.data();
  value.size_ = v.size();
  return value;
}

Value Value::Time(const GoTime* v) {
  Value value(ValueKind::kTime);
  value.time_ = v;
  return value;
}

Value Value::List(std::span<const Value> items) {
  Value value(ValueKind::kList);
  value.items_ = items.data();
  value.size_ = items.size();
  return value;
}

Value Value::Map(std::span<const MapEntry> entries) {
  Value value(ValueKind::kMap);
  value.entries_ = entries.data();
  value.size_ = entries.size();
  return value;
}

Value Value::Labels(std::span<const MapEntry> entries) {
  Value value = Map(entries);
  value.kind_ = ValueKind::kLabels;
  return value;
}

bool Value::is_signed_integer() const {
  switch (kind_) {
    case ValueKind::kInt:
    case ValueKind::kInt64:
    case ValueKind::kDuration:
    case ValueKind::kMonth:
    case ValueKind::kWeekday:
      return true;
    default:
      return false;
  }
}

Value Value::Boxed() const {
  Value value = valid() ? *this : Nil();
  value.boxed_ = true;
  return value;
}

Value Value::Unboxed() const {
  if (kind_ == ValueKind::kNil) return Value();
  Value value = *this;
  value.boxed_ = false;
  return value;
}

bool IsTrue(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kInvalid:
    case ValueKind::kNil:
      return false;
    case ValueKind::kFloat64:
      return value.as_float() != 0;
    case ValueKind::kString:
      return !value.as_string().empty();
    case ValueKind::kTime:
      return true;
    case ValueKind::kList:
      return !value.as_list().empty();
    case ValueKind::kMap:
    case ValueKind::kLabels:
      return !value.as_map().empty();
    default:
      return value.as_int() != 0;
  }
}

const Value* FindEntry(std::span<const MapEntry> entries, std::string_view key) {
  const auto found =
      std::lower_bound(entries.begin(), entries.end(), key,
                       [](const MapEntry& entry, std::string_view k) { return entry.key < k; });
  return found != entries.end() && found->key == key ? &found->value : nullptr;
}

std::string_view TypeName(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kInvalid:
      return "<nil>";
    case ValueKind::kNil:
      return "interface {}";
    case ValueKind::kBool:
      return "bool";
    case ValueKind::kInt:
      return "int";
    case ValueKind::kInt64:
      return "int64";
    case ValueKind::kUint8:
      return "uint8";
    case ValueKind::kFloat64:
      return "float64";
    case ValueKind::kString:
      return "string";
    case ValueKind::kTime:
      return "time.Time";
    case ValueKind::kDuration:
      return "time.Duration";
    case ValueKind::kMonth:
      return "time.Month";
    case ValueKind::kWeekday:
      return "time.Weekday";
    case ValueKind::kList:
      return "[]interface {}";
    case ValueKind::kMap:
      return "map[string]interface {}";
    case ValueKind::kLabels:
      return "map[string]string";
  }
  return "";
}

std::string_view StaticTypeName(const Value& value) {
  return value.boxed() ? "interface {}" : TypeName(value);
}

}  // namespace skald::query
