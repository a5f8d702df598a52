// A command line as a shell divides it into words, up to the cursor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace skald::cli {

struct ShellWords {
  std::vector<std::string> complete;  // words before the current one, without quotes
  std::string current;                // without quotes
  std::string current_raw;            // as typed
  char quote = 0;                     // the quote that is open at the cursor, if any
};

// Understands blanks, quotes and backslashes; not variables and substitutions.
ShellWords DivideLine(std::string_view line);

}  // namespace skald::cli
