// The dynamic values that templates compute with: the few Go types that can occur in them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "query/template/go_time.h"

namespace skald::query {

enum class ValueKind : uint8_t {
  kInvalid,  // no value at all: prints `<no value>`
  kNil,      // a nil of type interface {}
  kBool,
  kInt,
  kInt64,
  kUint8,
  kFloat64,
  kString,
  kTime,
  kDuration,
  kMonth,
  kWeekday,
  kList,    // []interface {}
  kMap,     // map[string]interface {}
  kLabels,  // map[string]string
};

struct MapEntry;

// A small value type that owns nothing: strings, lists, maps and times point into the template,
// the row's context or the arena of the execution.
//
// A boxed value came out of a container of interface {}: it behaves as the value in it, but some
// messages name the interface's type.
class Value {
 public:
  Value() : int_(0) {}
  static Value Nil() { return Value(ValueKind::kNil, 0); }
  static Value Bool(bool v) { return Value(ValueKind::kBool, v ? 1 : 0); }
  static Value Int(int64_t v) { return Value(ValueKind::kInt, v); }
  static Value Int64(int64_t v) { return Value(ValueKind::kInt64, v); }
  static Value Uint8(uint8_t v) { return Value(ValueKind::kUint8, v); }
  static Value Float(double v);
  static Value String(std::string_view v);
  static Value Time(const GoTime* v);
  static Value Duration(int64_t ns) { return Value(ValueKind::kDuration, ns); }
  static Value Month(int month) { return Value(ValueKind::kMonth, month); }
  static Value Weekday(int day) { return Value(ValueKind::kWeekday, day); }
  static Value List(std::span<const Value> items);
  // Entries are sorted by key, no key twice.
  static Value Map(std::span<const MapEntry> entries);
  static Value Labels(std::span<const MapEntry> entries);

  ValueKind kind() const { return kind_; }
  bool valid() const { return kind_ != ValueKind::kInvalid; }
  bool is_string() const { return kind_ == ValueKind::kString; }
  bool is_nil() const { return kind_ == ValueKind::kInvalid || kind_ == ValueKind::kNil; }
  // Go's kinds: named integer types count as integers, bytes do not.
  bool is_signed_integer() const;
  bool is_map() const { return kind_ == ValueKind::kMap || kind_ == ValueKind::kLabels; }

  // Accessors. REQUIRES: the kind fits.
  bool as_bool() const { return int_ != 0; }
  int64_t as_int() const { return int_; }
  double as_float() const { return float_; }
  std::string_view as_string() const { return std::string_view(chars_, size_); }
  const GoTime& as_time() const { return *time_; }
  std::span<const Value> as_list() const { return {items_, size_}; }
  std::span<const MapEntry> as_map() const;

  // Another number of the same integer type. REQUIRES: this is one.
  Value WithInteger(int64_t v) const { return Value(kind_, v); }

  bool boxed() const { return boxed_; }
  Value Boxed() const;
  // The value inside the interface; a nil interface gives no value.
  Value Unboxed() const;

 private:
  Value(ValueKind kind, int64_t v) : kind_(kind), int_(v) {}
  explicit Value(ValueKind kind) : kind_(kind), int_(0) {}

  ValueKind kind_ = ValueKind::kInvalid;
  bool boxed_ = false;
  size_t size_ = 0;
  union {
    int64_t int_;
    double float_;
    const char* chars_;
    const GoTime* time_;
    const Value* items_;
    const MapEntry* entries_;
  };
};

struct MapEntry {
  std::string_view key;
  Value value;
};

inline std::span<const MapEntry> Value::as_map() const { return {entries_, size_}; }

// Whether Go's `if` takes the value as true: not the zero of its type, not empty.
bool IsTrue(const Value& value);

// The value under `key`, or nullptr.
const Value* FindEntry(std::span<const MapEntry> entries, std::string_view key);

// The Go type as messages name it: `int`, `time.Time`, `map[string]interface {}`. Boxed values
// are named by what is in them; StaticTypeName names the box.
std::string_view TypeName(const Value& value);
std::string_view StaticTypeName(const Value& value);

}  // namespace skald::query
