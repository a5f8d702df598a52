#include "query/stage/json_scan.h"

namespace skald::query {
namespace {

template <char open, char close>
size_t FindBlockEnd(std::string_view text, size_t pos) {
  int depth = 0;
  while (true) {
    pos = FindAnyByte<'"', open, close>(text, pos);
    if (pos == std::string_view::npos) return pos;
    const char c = text[pos++];
    if (c == '"') {
      bool escaped = false;
      pos = FindJsonStringEnd(text, pos, &escaped);
      if (pos == std::string_view::npos) return pos;
      ++pos;
    } else if (c == open) {
      ++depth;
    } else if (--depth == 0) {
      return pos;
    }
  }
}

// Reads a value without quotes or brackets: it ends at white space, a comma or a closing bracket.
std::string_view ReadWord(std::string_view text, size_t pos, JsonValue* value) {
  size_t end = pos;
  while (end < text.size() &&
         std::string_view(" \n\r\t,}]").find(text[end]) == std::string_view::npos) {
    ++end;
  }
  value->text = text.substr(pos, end - pos);
  value->end = end;
  if (value->text.empty()) return kBadJsonValue;
  const char first = value->text[0];
  if ((first >= '0' && first <= '9') || first == '-') {
    value->kind = JsonValue::Kind::kNumber;
  } else if (value->text == "true" || value->text == "false") {
    value->kind = JsonValue::Kind::kBool;
  } else if (value->text == "null") {
    value->kind = JsonValue::Kind::kNull;
  } else {
    return kBadJsonValue;
  }
  return {};
}

}  // namespace

size_t FindJsonBlockEnd(std::string_view text, size_t pos) {
  return text[pos] == '{' ? FindBlockEnd<'{', '}'>(text, pos) : FindBlockEnd<'[', ']'>(text, pos);
}

std::string_view ReadJsonValue(std::string_view text, size_t pos, JsonValue* value) {
  pos = SkipJsonSpace(text, pos);
  if (pos >= text.size()) return kBadJson;
  value->escaped = false;
  switch (text[pos]) {
    case '"': {
      value->kind = JsonValue::Kind::kString;
      const size_t end = FindJsonStringEnd(text, pos + 1, &value->escaped);
      if (end == std::string_view::npos) return kBadJsonString;
      value->text = text.substr(pos + 1, end - pos - 1);
      value->end = end + 1;
      return {};
    }
    case '{':
    case '[': {
      const bool object = text[pos] == '{';
      value->kind = object ? JsonValue::Kind::kObject : JsonValue::Kind::kArray;
      value->end = FindJsonBlockEnd(text, pos);
      if (value->end == std::string_view::npos) return object ? kBadJsonObject : kBadJsonArray;
      value->text = text.substr(pos, value->end - pos);
      return {};
    }
    default:
      return ReadWord(text, pos, value);
  }
}

}  // namespace skald::query
