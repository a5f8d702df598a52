// The keys of logfmt extractions: `name` or `"any text"`.
#pragma once

#include <string>
#include <string_view>

#include "storage/base/status.h"

namespace skald::query {

// Parses an expression into the key it names. Errors carry Loki's text:
// "cannot parse expression [x y]: syntax error: unexpected KEY".
StatusOr<std::string> ParseLogfmtKey(std::string_view text);

}  // namespace skald::query
