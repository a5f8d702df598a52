// Letters, digits, spaces and letter case of runes, as Go's unicode package has them.
#pragma once

#include <string>
#include <string_view>

namespace skald {

bool IsLetter(char32_t rune);
bool IsLetterOrDigit(char32_t rune);
// Unicode's white space.
bool IsSpaceRune(char32_t rune);

char32_t ToUpperRune(char32_t rune);
char32_t ToLowerRune(char32_t rune);

// strings.ToUpper and ToLower; bytes that are not UTF-8 become replacement runes in texts that are
// not plain ASCII.
void AppendUpper(std::string* out, std::string_view text);
void AppendLower(std::string* out, std::string_view text);

}  // namespace skald
