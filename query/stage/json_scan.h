// The tokens of JSON text as Loki's lenient parser takes them (logql.md 5.4): what it accepts,
// where a value ends, and the words in which it complains.
//
// Nothing is validated that is not needed to go on: numbers end at the next separator whatever they
// hold, and objects and arrays are skipped by counting brackets outside of strings.
#pragma once

#include <cstddef>
#include <string_view>

#include "query/stage/byte_scan.h"

namespace skald::query {

inline constexpr std::string_view kJsonParserError = "JSONParserErr";

inline constexpr std::string_view kBadJson = "Malformed JSON error";
inline constexpr std::string_view kBadJsonObject =
    "Value looks like object, but can't find closing '}' symbol";
inline constexpr std::string_view kBadJsonArray =
    "Value is array, but can't find closing ']' symbol";
inline constexpr std::string_view kBadJsonString =
    "Value is string, but can't find closing '\"' symbol";
inline constexpr std::string_view kBadJsonValue = "Unknown value type";
inline constexpr std::string_view kBadJsonEscape =
    "Encountered an invalid escape sequence in a string";

// The first position at or after `pos` that is not white space; text.size() if there is none.
inline size_t SkipJsonSpace(std::string_view text, size_t pos) {
  while (pos < text.size() &&
         (text[pos] == ' ' || text[pos] == '\n' || text[pos] == '\r' || text[pos] == '\t')) {
    ++pos;
  }
  return pos;
}

// The position of the quote that ends the string whose content begins at `pos`, or npos. Sets
// `escaped` if there is a backslash before it.
inline size_t FindJsonStringEnd(std::string_view text, size_t pos, bool* escaped) {
  while (true) {
    pos = FindAnyByte<'"', '\\'>(text, pos);
    if (pos == std::string_view::npos || text[pos] == '"') return pos;
    *escaped = true;
    pos += 2;
  }
}

// The position after the bracket that closes the one at `pos`, or npos.
size_t FindJsonBlockEnd(std::string_view text, size_t pos);

struct JsonValue {
  enum class Kind { kString, kNumber, kBool, kNull, kObject, kArray };
  Kind kind = Kind::kNull;
  std::string_view text;  // of a string: what is between the quotes, still escaped
  bool escaped = false;
  size_t end = 0;  // position after the value
};

// Reads the value at `pos`, white space before it skipped. Returns the complaint, empty if it was
// well.
std::string_view ReadJsonValue(std::string_view text, size_t pos, JsonValue* value);

}  // namespace skald::query
