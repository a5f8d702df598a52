// The notations of single settings: how each type is written in YAML and on the command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/config/yaml_node.h"
#include "storage/base/status.h"

namespace skald::config {

enum class ValueType {
  kBool,
  kInt,         // whole floats are integers
  kLimit,       // an integer; below zero stands for zero, no limit
  kMebibytes,   // `4`, `1.5`: a float in MiB; the value is in bytes
  kByteSize,    // `256KB`, `1 MB`, `1024`: units of 1024
  kGoDuration,  // `1h30m`, `1.5h`; a bare integer is in nanoseconds
  kDuration,    // `1w`, `30d1h`, `0`
  kTime,        // RFC 3339 or a date; `0` is none. Nanoseconds
  kString,
  kStringList,  // a list, or one string with commas
  kStructure,   // a subtree with functions of its own
};

// Durations and times are nanoseconds, sizes bytes.
using Value = std::variant<bool, int64_t, double, std::string, std::vector<std::string>>;

// What the documentation calls the type.
std::string_view ValueTypeName(ValueType type);

// The value of a YAML node. InvalidArgument, without the line: "cannot unmarshal !!str `2048` into
// int". REQUIRES: not null, not kStructure.
StatusOr<Value> ReadValue(ValueType type, const YamlNode& node);

// The value of a flag. InvalidArgument in the words of Go's flags: "parse error".
StatusOr<Value> ParseFlagValue(ValueType type, std::string_view text);

// The node that ReadValue reads as `value`.
YamlNode WriteValue(ValueType type, const Value& value);

// "cannot unmarshal !!str `2048` into int"; long texts, which may be secrets, are cut.
Status CannotUnmarshal(const YamlNode& node, std::string_view into);

}  // namespace skald::config
