// Go's string and character literals.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace skald {

// strconv.Unquote of a literal in double quotes or backquotes; nullopt when it is malformed.
std::optional<std::string> GoUnquote(std::string_view literal);

// The first rune of a character literal such as 'a' or '\n', escapes resolved; nullopt when there
// is none. `tail` becomes what follows it, in a good literal the closing quote alone.
std::optional<char32_t> GoUnquoteRune(std::string_view literal, std::string_view* tail);

}  // namespace skald
