// Recognises regexes that are plain text or alternations of it, as dashboards mostly send.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skald {

// The strings that the anchored regex matches, in the order written, if it is `a`, `a|b|c` or one
// of these in a single pair of parentheses, each alternative made of literal characters and escaped
// punctuation. Nothing for any other regex, wrong ones among them.
std::optional<std::vector<std::string>> LiteralAlternation(std::string_view regex);

}  // namespace skald
