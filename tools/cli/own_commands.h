// The grammar of the commands that logcli lacks.
#pragma once

#include <vector>

#include "tools/cli/flag_parser.h"
#include "tools/cli/options.h"

namespace skald::cli {

// The setters write into `options`, which must outlive the commands.
void AddOwnCommands(Options* options, std::vector<Command>* commands);

}  // namespace skald::cli
