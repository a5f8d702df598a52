#include "server/config/value.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"

namespace skald::config {
namespace {

constexpr double kMebibyte = 1 << 20;
constexpr std::string_view kSizeUnits[] = {"B", "KB", "MB", "GB", "TB", "PB", "EB"};

// An integer, or a float that is one.
bool ParseWhole(std::string_view text, int64_t* value) {
  if (ParseYamlInteger(text, value)) return true;
  double number = 0;
  if (!TryParseGoFloat(text, &number) || std::trunc(number) != number) return false;
  if (std::abs(number) >= 0x1p63) return false;
  *value = static_cast<int64_t>(number);
  return true;
}

StatusOr<Value> ParseByteSize(std::string_view text) {
  const Status error =
      InvalidArgument(StrCat("invalid byte size \"", text, "\": want 512, 256KB or 4MB"));
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  int64_t value = 0;
  if (!absl::SimpleAtoi(ToAbsl(text.substr(0, digits)), &value)) return error;
  std::string unit(absl::StripAsciiWhitespace(ToAbsl(text.substr(digits))));
  absl::AsciiStrToUpper(&unit);
  if (unit.empty()) return Value(value);
  int shift = 0;
  for (const std::string_view known : kSizeUnits) {
    // `4M` is `4MB`.
    if (unit == known || (unit.size() == 1 && unit == known.substr(0, 1))) {
      if (shift > 0 && value > std::numeric_limits<int64_t>::max() >> shift) return error;
      return Value(value << shift);
    }
    shift += 10;
  }
  return error;
}

std::string FormatByteSize(int64_t bytes) {
  size_t unit = 0;
  while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < std::size(kSizeUnits)) {
    bytes /= 1024;
    ++unit;
  }
  return StrCat(bytes, kSizeUnits[unit]);
}

StatusOr<Value> ParseTime(std::string_view text) {
  if (text == "0") return Value(int64_t{0});
  for (const char* format : {absl::RFC3339_full, "%Y-%m-%d"}) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(format, ToAbsl(text), absl::UTCTimeZone(), &time, &error)) {
      return Value(absl::ToUnixNanos(time));
    }
  }
  return InvalidArgument(StrCat("failed to parse time: \"", text, "\""));
}

std::string FormatTime(int64_t nanos) {
  if (nanos == 0) return "0";
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", absl::FromUnixNanos(nanos), absl::UTCTimeZone());
}

StatusOr<Value> Nanoseconds(const StatusOr<std::chrono::nanoseconds>& duration) {
  if (!duration.ok()) return duration.status();
  return Value(int64_t{duration->count()});
}

std::vector<std::string> SplitList(std::string_view text) {
  if (text.empty()) return {};
  return absl::StrSplit(ToAbsl(text), ',');
}

// The types whose notation is the same in YAML and on the command line.
StatusOr<Value> ParseText(ValueType type, std::string_view text) {
  switch (type) {
    case ValueType::kByteSize:
      return ParseByteSize(text);
    case ValueType::kGoDuration:
      return Nanoseconds(ParseGoDuration(text));
    case ValueType::kDuration:
      return Nanoseconds(ParsePrometheusDuration(text));
    case ValueType::kTime:
      return ParseTime(text);
    case ValueType::kStringList:
      return Value(SplitList(text));
    default:
      return Value(std::string(text));
  }
}

StatusOr<Value> ReadList(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::kScalar) return Value(SplitList(node.text));
  if (node.kind != YamlNode::Kind::kList) return CannotUnmarshal(node, "[]string");
  std::vector<std::string> strings;
  for (const YamlNode& item : node.items) {
    if (item.kind != YamlNode::Kind::kScalar) return CannotUnmarshal(item, "string");
    strings.push_back(item.text);
  }
  return Value(std::move(strings));
}

StatusOr<Value> ReadNumber(ValueType type, const YamlNode& node) {
  const bool plain = !node.quoted;
  bool flag = false;
  int64_t whole = 0;
  double number = 0;
  switch (type) {
    case ValueType::kBool:
      if (plain && ParseYamlBool(node.text, &flag)) return Value(flag);
      break;
    case ValueType::kInt:
    case ValueType::kLimit:
      if (!plain || !ParseWhole(node.text, &whole)) break;
      return Value(type == ValueType::kLimit ? std::max<int64_t>(whole, 0) : whole);
    default:
      if (plain && TryParseGoFloat(node.text, &number)) return Value(number * kMebibyte);
  }
  return CannotUnmarshal(node, ValueTypeName(type));
}

bool IsNumber(ValueType type) {
  return type == ValueType::kBool || type == ValueType::kInt || type == ValueType::kLimit ||
         type == ValueType::kMebibytes;
}

}  // namespace

std::string_view ValueTypeName(ValueType type) {
  switch (type) {
    case ValueType::kBool:
      return "bool";
    case ValueType::kInt:
    case ValueType::kLimit:
      return "int";
    case ValueType::kMebibytes:
      return "float";
    case ValueType::kByteSize:
      return "size";
    case ValueType::kGoDuration:
    case ValueType::kDuration:
      return "duration";
    case ValueType::kTime:
      return "time";
    case ValueType::kString:
      return "string";
    case ValueType::kStringList:
      return "list";
    case ValueType::kStructure:
      return "structure";
  }
  return "";
}

Status CannotUnmarshal(const YamlNode& node, std::string_view into) {
  std::string shown;
  if (node.kind == YamlNode::Kind::kScalar) {
    shown = node.text.size() > 10 ? StrCat(" `", node.text.substr(0, 7), "...`")
                                  : StrCat(" `", node.text, "`");
  }
  return InvalidArgument(StrCat("cannot unmarshal ", node.Tag(), shown, " into ", into));
}

StatusOr<Value> ReadValue(ValueType type, const YamlNode& node) {
  if (type == ValueType::kStringList) return ReadList(node);
  if (node.kind != YamlNode::Kind::kScalar) return CannotUnmarshal(node, ValueTypeName(type));
  if (IsNumber(type)) return ReadNumber(type, node);
  int64_t nanos = 0;
  if (type == ValueType::kGoDuration && !node.quoted && ParseYamlInteger(node.text, &nanos)) {
    return Value(nanos);
  }
  return ParseText(type, node.text);
}

StatusOr<Value> ParseFlagValue(ValueType type, std::string_view text) {
  if (!IsNumber(type)) return ParseText(type, text);
  for (const std::string_view digit : {"0", "f", "F"}) {
    if (type == ValueType::kBool && text == digit) return Value(false);
  }
  for (const std::string_view digit : {"1", "t", "T"}) {
    if (type == ValueType::kBool && text == digit) return Value(true);
  }
  StatusOr<Value> value = ReadNumber(type, YamlNode::Plain(std::string(text)));
  if (!value.ok()) return InvalidArgument("parse error");
  return value;
}

YamlNode WriteValue(ValueType type, const Value& value) {
  switch (type) {
    case ValueType::kBool:
      return YamlNode::Plain(std::get<bool>(value) ? "true" : "false");
    case ValueType::kInt:
    case ValueType::kLimit:
      return YamlNode::Plain(StrCat(std::get<int64_t>(value)));
    case ValueType::kMebibytes:
      return YamlNode::Plain(FormatGoFloat(std::get<double>(value) / kMebibyte, 'g'));
    case ValueType::kByteSize:
      return YamlNode::String(FormatByteSize(std::get<int64_t>(value)));
    case ValueType::kGoDuration:
      return YamlNode::String(FormatGoDuration(std::chrono::nanoseconds(std::get<int64_t>(value))));
    case ValueType::kDuration:
      return YamlNode::String(
          FormatPrometheusDuration(std::chrono::nanoseconds(std::get<int64_t>(value))));
    case ValueType::kTime:
      return YamlNode::String(FormatTime(std::get<int64_t>(value)));
    case ValueType::kStringList:
      return YamlNode::List(std::get<std::vector<std::string>>(value));
    case ValueType::kString:
    case ValueType::kStructure:
      break;
  }
  return YamlNode::String(std::get<std::string>(value));
}

}  // namespace skald::config
