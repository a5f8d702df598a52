// Makers of flags, for the grammar of commands.
#pragma once

#include <string>
#include <vector>

#include "tools/cli/flag_parser.h"
#include "tools/cli/flag_values.h"
#include "tools/cli/options.h"

namespace skald::cli {

Flag Value(std::string name, std::string default_text, std::string help, Setter set);
// One of `choices`, the first of which is the default.
Flag Choice(std::string name, std::string help, std::vector<std::string> choices, std::string* out);
Flag Switch(std::string name, std::string help, bool* out);
Flag Repeated(std::string name, std::string help, std::vector<std::string>* out);

// The same flag with a letter, or with a variable that gives its value when it is absent.
Flag WithLetter(Flag flag, char letter);
Flag From(Flag flag, std::string environment);

// --since, --from and --to.
void AddRangeFlags(RangeOptions* range, std::string default_since, std::vector<Flag>* flags);

}  // namespace skald::cli
