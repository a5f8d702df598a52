// Integer literals in any base, as Go's strconv.ParseInt(text, 0, 64) reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace skald {

// A sign, a base prefix (0x, 0o, 0b, or 0 alone for octal) and digits, with underscores between
// digits or after the prefix. Nullopt for anything else and for what 64 bits do not hold.
std::optional<int64_t> ParseGoIntLiteral(std::string_view text);

}  // namespace skald
