#include "query/template/go_unquote.h"

#include <algorithm>
#include <cstdint>

#include "storage/base/ascii.h"
#include "storage/base/utf8.h"

namespace skald {
namespace {

struct Unescaped {
  char32_t value;
  bool is_byte;  // \x and octal escapes give a byte, not a rune
};

// Takes exactly `count` digits of a base off the front.
std::optional<char32_t> TakeDigits(std::string_view* text, size_t count, int base) {
  if (text->size() < count) return std::nullopt;
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    const int digit = HexValue((*text)[i]);
    if (digit < 0 || digit >= base) return std::nullopt;
    value = value * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit);
  }
  text->remove_prefix(count);
  return static_cast<char32_t>(value);
}

std::optional<Unescaped> TakeRuneEscape(std::string_view* text, size_t digits) {
  const auto rune = TakeDigits(text, digits, 16);
  if (!rune || *rune > 0x10FFFF || (*rune >= 0xD800 && *rune < 0xE000)) return std::nullopt;
  return Unescaped{*rune, false};
}

std::optional<Unescaped> TakeByteEscape(std::string_view* text, size_t digits, int base) {
  const auto byte = TakeDigits(text, digits, base);
  if (!byte || *byte > 0xFF) return std::nullopt;
  return Unescaped{*byte, true};
}

// Takes one character or escape off the front of the inside of a literal in `quote`s.
std::optional<Unescaped> TakeCharacter(std::string_view* text, char quote) {
  if (text->empty() || (*text)[0] == quote || (*text)[0] == '\n') return std::nullopt;
  if ((*text)[0] != '\\') {
    const DecodedRune rune = DecodeRune(*text);
    const bool is_byte = rune.invalid;
    const char32_t value = is_byte ? static_cast<unsigned char>((*text)[0]) : rune.rune;
    text->remove_prefix(rune.size);
    return Unescaped{value, is_byte};
  }
  if (text->size() < 2) return std::nullopt;
  const char name = (*text)[1];
  if (name >= '0' && name <= '7') {
    text->remove_prefix(1);
    return TakeByteEscape(text, 3, 8);
  }
  text->remove_prefix(2);
  if (name == 'x') return TakeByteEscape(text, 2, 16);
  if (name == 'u') return TakeRuneEscape(text, 4);
  if (name == 'U') return TakeRuneEscape(text, 8);
  constexpr std::string_view kNames = "abfnrtv\\";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\";
  if (name == quote) return Unescaped{static_cast<char32_t>(name), false};
  const size_t known = kNames.find(name);
  if (known == std::string_view::npos) return std::nullopt;
  return Unescaped{static_cast<char32_t>(kMeanings[known]), false};
}

}  // namespace

std::optional<std::string> GoUnquote(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back()) return std::nullopt;
  const char quote = literal.front();
  std::string_view inside = literal.substr(1, literal.size() - 2);
  if (quote == '`') {
    if (inside.find('`') != std::string_view::npos) return std::nullopt;
    std::string text(inside);
    text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
    return text;
  }
  if (quote != '"') return std::nullopt;
  std::string text;
  while (!inside.empty()) {
    const auto next = TakeCharacter(&inside, quote);
    if (!next) return std::nullopt;
    if (next->is_byte) {
      text.push_back(static_cast<char>(next->value));
    } else {
      AppendRune(&text, next->value);
    }
  }
  return text;
}

std::optional<char32_t> GoUnquoteRune(std::string_view literal, std::string_view* tail) {
  if (literal.empty() || literal.front() != '\'') return std::nullopt;
  *tail = literal.substr(1);
  const auto rune = TakeCharacter(tail, '\'');
  if (!rune) return std::nullopt;
  return rune->value;
}

}  // namespace skald
