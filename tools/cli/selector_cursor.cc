#include "tools/cli/selector_cursor.h"

#include "re2/re2.h"
#include "storage/base/strings.h"

namespace skald::cli {
namespace {

// The place of the brace that is open at the end, outside of strings; npos when none is.
size_t OpenBrace(std::string_view query) {
  size_t brace = std::string_view::npos;
  char quote = 0;
  for (size_t i = 0; i < query.size(); ++i) {
    char c = query[i];
    if (quote != 0) {
      if (c == '\\' && quote == '"') ++i;
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '`') {
      quote = c;
    } else if (c == '{') {
      brace = i;
    } else if (c == '}') {
      brace = std::string_view::npos;
    }
  }
  return brace;
}

}  // namespace

SelectorCursor FindSelectorCursor(std::string_view query) {
  static const re2::RE2 kMatcher(R"(\s*\w+\s*(?:=~|!~|!=|=)\s*(?:"(?:[^"\\]|\\.)*"|`[^`]*`)\s*,)");
  static const re2::RE2 kName(R"(\s*(\w*))");
  static const re2::RE2 kValue(R"(\s*(\w+)\s*(?:=~|!~|!=|=)\s*("?)((?:[^"\\]|\\.)*))");
  SelectorCursor cursor;
  if (query.find_first_not_of(' ') == std::string_view::npos) {
    cursor.place = SelectorPlace::kStart;
    return cursor;
  }
  size_t brace = OpenBrace(query);
  if (brace == std::string_view::npos) return cursor;
  re2::StringPiece rest(query.data() + brace + 1, query.size() - brace - 1);
  const char* matchers = rest.data();
  while (re2::RE2::Consume(&rest, kMatcher)) {
  }
  if (rest.data() > matchers) {
    cursor.before = StrCat("{", std::string_view(matchers, rest.data() - matchers - 1), "}");
  }
  std::string quote;
  if (re2::RE2::FullMatch(rest, kName, &cursor.begun)) {
    cursor.place = SelectorPlace::kName;
  } else if (re2::RE2::FullMatch(rest, kValue, &cursor.label, &quote, &cursor.begun)) {
    cursor.place = SelectorPlace::kValue;
    cursor.in_quotes = !quote.empty();
  }
  return cursor;
}

}  // namespace skald::cli
