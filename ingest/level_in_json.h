// Reads the level out of a JSON log line without parsing the line as a whole.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/level_fields.h"

namespace skald::ingest {

// True for text that a JSON reader is worth a try on: braces at both ends, white space aside.
bool LooksLikeJsonObject(std::string_view line);

// The string value (as written, escapes and all) of the first key in `fields`, in the order of the
// text, in objects nested up to `max_depth` (1: the outermost alone). Arrays are not entered.
// Empty when there is none or the text is broken before it.
std::string_view FindJsonLevel(std::string_view line, const LevelFields& fields,
                               uint32_t max_depth);

}  // namespace skald::ingest
