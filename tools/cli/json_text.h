// JSON as Go's encoding/json writes it.
#pragma once

#include <string>
#include <string_view>

namespace skald::cli {

// Appends `text` as a JSON string: <, >, &, U+2028 and U+2029 escaped, invalid UTF-8 as U+FFFD.
void AppendJsonString(std::string* out, std::string_view text);

}  // namespace skald::cli
