#include "tools/cli/syntax_caret.h"

#include <unistd.h>

#include <cstdio>

#include "absl/strings/str_split.h"
#include "re2/re2.h"
#include "storage/base/strings.h"

namespace skald::cli {

std::string SyntaxCaret(std::string_view query, std::string_view message) {
  static const re2::RE2 kPlace("parse error at line (\\d+), col (\\d+):");
  size_t line = 0;
  size_t column = 0;
  re2::StringPiece text(message.data(), message.size());
  if (!re2::RE2::PartialMatch(text, kPlace, &line, &column) || line == 0 || column == 0) return "";
  std::vector<absl::string_view> lines = absl::StrSplit(ToAbsl(query), '\n');
  if (line > lines.size() || column > lines[line - 1].size() + 1) return "";
  std::string indent;
  for (char c : lines[line - 1].substr(0, column - 1)) indent += c == '\t' ? '\t' : ' ';
  return StrCat(lines[line - 1], "\n", indent, "^\n");
}

void ShowSyntaxCaret(std::string_view query, std::string_view message) {
  if (isatty(STDERR_FILENO) == 0) return;
  std::string caret = SyntaxCaret(query, message);
  std::fwrite(caret.data(), 1, caret.size(), stderr);
}

}  // namespace skald::cli
