#include "tools/cli/shell_words.h"

namespace skald::cli {

ShellWords DivideLine(std::string_view line) {
  ShellWords words;
  bool in_word = false;
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (words.quote == 0 && (c == ' ' || c == '\t')) {
      if (in_word) words.complete.push_back(words.current);
      words.current.clear();
      words.current_raw.clear();
      in_word = false;
      continue;
    }
    in_word = true;
    words.current_raw += c;
    if (c == words.quote) {
      words.quote = 0;
    } else if (words.quote == 0 && (c == '\'' || c == '"')) {
      words.quote = c;
    } else if (c == '\\' && words.quote != '\'' && i + 1 < line.size()) {
      words.current += line[++i];
      words.current_raw += line[i];
    } else {
      words.current += c;
    }
  }
  return words;
}

}  // namespace skald::cli
