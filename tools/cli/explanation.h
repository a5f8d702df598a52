// What --explain tells of a query: what was selected, what of it had to be read, and how long that
// took.
#pragma once

#include <string>

#include "tools/cli/response.h"

namespace skald::cli {

std::string Explanation(const Statistics& statistics);

}  // namespace skald::cli
