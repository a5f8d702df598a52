// The table that --stats prints.
#pragma once

#include <string>

#include "tools/cli/response.h"

namespace skald::cli {

// One line for each number: name, tabs up to a common column, value; bytes and durations in units.
std::string StatisticsTable(const Statistics& statistics);

}  // namespace skald::cli
