// Reads the level out of a logfmt line.
#pragma once

#include <string_view>

#include "ingest/level_fields.h"

namespace skald::ingest {

// The value of the key, in any letter case, that stands first in `fields` among those that the
// line has with a value before any syntax error (as go-logfmt sees them; a quoted value is given
// as written between the quotes). Empty when there is none.
std::string_view FindLogfmtLevel(std::string_view line, const LevelFields& fields);

}  // namespace skald::ingest
