#include "tools/cli/terminal_color.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace skald::cli {

bool ShowsColors(int file) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  bool dumb = terminal != nullptr && std::string_view(terminal) == "dumb";
  return isatty(file) != 0 && (no_color == nullptr || *no_color == '\0') && !dumb;
}

}  // namespace skald::cli
