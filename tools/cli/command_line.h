// The grammar of skaldcli: every command, flag and environment variable, bound to Options.
#pragma once

#include "tools/cli/flag_parser.h"
#include "tools/cli/options.h"

namespace skald::cli {

// The grammar's setters write into `options`, which must outlive it.
Grammar MakeGrammar(Options* options);

// Usage of the whole tool, or of one command, or of a group such as `delete`.
std::string HelpText(const Grammar& grammar, const Invocation& invocation);

}  // namespace skald::cli
