#include "query/engine/field_type.h"

#include <algorithm>
#include <array>

#include "storage/base/ascii.h"
#include "storage/base/byte_size.h"
#include "storage/base/duration.h"
#include "storage/base/go_number.h"

namespace skald::query {
namespace {

// strconv.ParseBool's vocabulary.
constexpr std::array<std::string_view, 12> kBooleans = {"1", "t", "T", "TRUE",  "true",  "True",
                                                        "0", "f", "F", "FALSE", "false", "False"};

// 8-4-4-4-12 hex digits.
bool IsPlainUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !IsHexDigit(text[i])) return false;
  }
  return true;
}

// A UUID, also in braces, as a URN or without dashes.
bool IsUuid(std::string_view text) {
  constexpr std::string_view kUrn = "urn:uuid:";
  if (text.size() == 32) return std::all_of(text.begin(), text.end(), IsHexDigit);
  if (text.size() == 38 && text.front() == '{' && text.back() == '}') {
    return IsPlainUuid(text.substr(1, 36));
  }
  if (text.starts_with(kUrn)) text.remove_prefix(kUrn.size());
  return IsPlainUuid(text);
}

}  // namespace

FieldType InferFieldType(std::string_view value) {
  double number = 0;
  if (ParseGoInt(value).ok()) return FieldType::kInt;
  if (TryParseGoFloat(value, &number)) return FieldType::kFloat;
  if (std::find(kBooleans.begin(), kBooleans.end(), value) != kBooleans.end()) {
    return FieldType::kBoolean;
  }
  if (ParseGoDuration(value).ok()) return FieldType::kDuration;
  if (ParseHumanizedBytes(value).ok()) return FieldType::kBytes;
  return FieldType::kString;
}

std::string_view FieldTypeName(FieldType type) {
  switch (type) {
    case FieldType::kInt:
      return "int";
    case FieldType::kFloat:
      return "float";
    case FieldType::kBoolean:
      return "boolean";
    case FieldType::kDuration:
      return "duration";
    case FieldType::kBytes:
      return "bytes";
    case FieldType::kString:
      return "string";
  }
  return "string";
}

bool IsIdentifierLike(std::string_view value) {
  double number = 0;
  return TryParseGoFloat(value, &number) || IsUuid(value);
}

}  // namespace skald::query
