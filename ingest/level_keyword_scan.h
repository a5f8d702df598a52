// Finds the first level keyword in a line: the last resort of level detection, run over most lines.
#pragma once

#include <string_view>

namespace skald::ingest {

// The level that the first whole word among trace, debug, info, warn, warning, err, error,
// critical and fatal (any letter case) stands for, or an empty view when there is none. A word is
// whole between the boundaries that Loki knows: before it the line's start, white space or one of
// `[({"=`, after it the line's end, white space or one of `[](){}:,!"=`.
std::string_view ScanForLevelKeyword(std::string_view line);

}  // namespace skald::ingest
