#include "ingest/level_in_json.h"

#include <cstring>

namespace skald::ingest {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// A cursor over JSON text that checks no more than it needs to find its way.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  // The next byte that is not white space, or 0 at the end.
  char Peek() {
    while (at_ < end_ && IsSpace(*at_)) ++at_;
    return at_ < end_ ? *at_ : '\0';
  }
  void Skip() { ++at_; }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }

  // Reads a string, as written, with the cursor on its opening quote.
  bool ReadString(std::string_view* text) {
    const char* const begin = ++at_;
    while (true) {
      const auto* quote =
          static_cast<const char*>(std::memchr(at_, '"', static_cast<size_t>(end_ - at_)));
      if (quote == nullptr) return false;
      at_ = quote + 1;
      if (IsEscaped(begin, quote)) continue;
      *text = std::string_view(begin, static_cast<size_t>(quote - begin));
      return true;
    }
  }

  // Skips an object or array, with the cursor on its opening bracket.
  bool SkipBlock() {
    size_t depth = 0;
    std::string_view ignored;
    while (at_ < end_) {
      switch (*at_) {
        case '"':
          if (!ReadString(&ignored)) return false;
          continue;
        case '{':
        case '[':
          ++depth;
          break;
        case '}':
        case ']':
          --depth;
          break;
        default:
          break;
      }
      ++at_;
      if (depth == 0) return true;
    }
    return false;
  }

  // Skips a number or true, false, null.
  bool SkipScalar() {
    const char* const begin = at_;
    while (at_ < end_ && !IsSpace(*at_) && *at_ != ',' && *at_ != '}' && *at_ != ']') ++at_;
    const std::string_view text(begin, static_cast<size_t>(at_ - begin));
    if (text.empty()) return false;
    const char first = text.front();
    return first == '-' || (first >= '0' && first <= '9') || text == "true" || text == "false" ||
           text == "null";
  }

 private:
  // True if an odd number of backslashes stands before `quote`.
  static bool IsEscaped(const char* begin, const char* quote) {
    const char* at = quote;
    while (at > begin && at[-1] == '\\') --at;
    return (quote - at) % 2 != 0;
  }

  const char* at_;
  const char* end_;
};

// Leaves the objects that end here. False when the text ends or is broken.
bool NextPair(JsonCursor* cursor, uint32_t* depth) {
  while (*depth > 0) {
    if (cursor->Take(',')) return true;
    if (!cursor->Take('}')) return false;
    --*depth;
  }
  return false;
}

}  // namespace

bool LooksLikeJsonObject(std::string_view line) {
  const size_t begin = line.find_first_not_of(kSpace);
  if (begin == std::string_view::npos || line[begin] != '{') return false;
  return line[line.find_last_not_of(kSpace)] == '}';
}

std::string_view FindJsonLevel(std::string_view line, const LevelFields& fields,
                               uint32_t max_depth) {
  JsonCursor cursor(line);
  if (max_depth == 0 || !cursor.Take('{')) return {};
  uint32_t depth = 1;
  while (true) {
    if (cursor.Peek() == '}') {
      if (!NextPair(&cursor, &depth)) return {};
      continue;
    }
    std::string_view key;
    if (cursor.Peek() != '"' || !cursor.ReadString(&key) || !cursor.Take(':')) return {};
    const char first = cursor.Peek();
    if (first == '{' && depth < max_depth) {
      cursor.Skip();
      ++depth;
      continue;
    }
    if (first == '"') {
      std::string_view value;
      if (!cursor.ReadString(&value)) return {};
      if (fields.Rank(key)) return value;
    } else if (first == '{' || first == '[') {
      if (!cursor.SkipBlock()) return {};
    } else if (!cursor.SkipScalar()) {
      return {};
    }
    if (!NextPair(&cursor, &depth)) return {};
  }
}

}  // namespace skald::ingest
