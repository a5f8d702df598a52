// What kind of value a field of a log line holds, as Logs Drilldown shows it.
#pragma once

#include <string_view>

namespace skald::query {

enum class FieldType { kInt, kFloat, kBoolean, kDuration, kBytes, kString };

// The first type, in the order above, as which the value can be read.
FieldType InferFieldType(std::string_view value);

// "int", "float", "boolean", "duration", "bytes", "string".
std::string_view FieldTypeName(FieldType type);

// True for values that tell things apart rather than describe them: numbers and UUIDs.
bool IsIdentifierLike(std::string_view value);

}  // namespace skald::query
