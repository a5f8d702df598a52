// Completions of a command line: commands, flags, choices, and from the server label names and
// values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/cli/flag_parser.h"
#include "tools/cli/options.h"

namespace skald::cli {

// Each is what the current word, the one that ends at the cursor, may become. What the line says of
// the server counts. A server that does not answer within two seconds gives none.
std::vector<std::string> Completions(std::string_view line);

// The script that has a shell (bash, zsh, fish) ask for completions.
StatusOr<std::string_view> CompletionScript(std::string_view shell);

}  // namespace skald::cli
