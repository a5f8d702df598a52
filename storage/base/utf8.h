// UTF-8 decoding, one rune at a time, as Go's unicode/utf8 defines it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace skald {

inline constexpr char32_t kReplacementRune = 0xFFFD;

struct DecodedRune {
  char32_t rune;
  size_t size;  // 0 at the end of the text; 1 for an invalid byte
  // True if the bytes were not UTF-8; `rune` is then the replacement rune.
  bool invalid = false;
};

// True for a code point that UTF-8 can carry: no surrogate, not past U+10FFFF.
constexpr bool IsValidRune(char32_t rune) {
  return rune <= 0x10FFFF && (rune < 0xD800 || rune > 0xDFFF);
}

// Decodes the first rune. Overlong forms, surrogates and runes past U+10FFFF are invalid.
DecodedRune DecodeRune(std::string_view text);

// Appends a rune; surrogates and runes past U+10FFFF become the replacement rune.
void AppendRune(std::string* out, char32_t rune);

// Bytes before the first that is not UTF-8.
size_t ValidUtf8Prefix(std::string_view text);
inline bool IsValidUtf8(std::string_view text) { return ValidUtf8Prefix(text) == text.size(); }

// `text`; of one longer than `most` bytes the beginning and `...`, for messages. No rune is cut.
std::string Shortened(std::string_view text, size_t most);

}  // namespace skald
