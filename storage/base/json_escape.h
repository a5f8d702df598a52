// What the escapes of JSON strings stand for. Half a surrogate pair is left to the reader: each has
// its own way with it.
#pragma once

#include <cstddef>
#include <string_view>

#include "storage/base/ascii.h"

namespace skald {

inline constexpr size_t kUnicodeEscapeSize = 6;

// The UTF-16 code unit of the `\uXXXX` that `text` begins with, or -1.
constexpr int ReadUnicodeEscape(std::string_view text) {
  if (text.size() < kUnicodeEscapeSize || text[0] != '\\' || text[1] != 'u') return -1;
  int unit = 0;
  for (const char c : text.substr(2, 4)) {
    const int digit = HexValue(c);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

constexpr bool IsHighSurrogate(int unit) { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool IsLowSurrogate(int unit) { return unit >= 0xDC00 && unit < 0xE000; }
constexpr char32_t CombineSurrogates(int high, int low) {
  return static_cast<char32_t>(((high - 0xD800) << 10) + (low - 0xDC00) + 0x10000);
}

// What a backslash and `c` stand for; '\0': nothing.
constexpr char SimpleJsonEscape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return '\0';
  }
}

}  // namespace skald
