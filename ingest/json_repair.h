// Makes almost-JSON that agents do send acceptable: bytes that are not UTF-8, and escapes of half a
// surrogate pair (from lines cut between two UTF-16 units).
#pragma once

#include <string_view>

#include "ingest/body_buffer.h"
#include "storage/base/status.h"

namespace skald::ingest {

// Appends `text` to `out` with every invalid byte replaced by U+FFFD and every lone surrogate
// escape by \ufffd. What else is wrong stays wrong.
Status RepairJsonText(std::string_view text, BodyBuffer* out);

}  // namespace skald::ingest
