#include "storage/base/go_quote.h"

#include <algorithm>
#include <iterator>

#include "storage/base/utf8.h"

namespace skald {
namespace {

struct RuneRange {
  char32_t first;
  char32_t last;
};

// Runes of the categories Cc, Cf, Cs, Co, Zs, Zl and Zp, without the ASCII space, and
// noncharacters.
constexpr RuneRange kUnprintable[] = {
    {0x0000, 0x001F},   {0x007F, 0x00A0},   {0x00AD, 0x00AD},    {0x0600, 0x0605},
    {0x061C, 0x061C},   {0x06DD, 0x06DD},   {0x070F, 0x070F},    {0x0890, 0x0891},
    {0x08E2, 0x08E2},   {0x1680, 0x1680},   {0x180E, 0x180E},    {0x2000, 0x200F},
    {0x2028, 0x202F},   {0x205F, 0x206F},   {0x3000, 0x3000},    {0xD800, 0xF8FF},
    {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},   {0xFFF0, 0xFFFB},    {0xFFFE, 0xFFFF},
    {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F},  {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE00FF}, {0xE01F0, 0x10FFFF},
};

void AppendHex(std::string* out, char32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out->push_back("0123456789abcdef"[value >> shift & 0xF]);
  }
}

void AppendEscaped(std::string* out, char32_t rune) {
  constexpr std::string_view kNames = "abtnvfr";  // from \a, 7, to \r, 13
  out->push_back('\\');
  if (rune >= 7 && rune <= 13) {
    out->push_back(kNames[rune - 7]);
  } else if (rune < 0x20 || rune == 0x7F) {
    out->push_back('x');
    AppendHex(out, rune, 2);
  } else if (rune < 0x10000) {
    out->push_back('u');
    AppendHex(out, rune, 4);
  } else {
    out->push_back('U');
    AppendHex(out, rune, 8);
  }
}

}  // namespace

bool IsGoPrint(char32_t rune) {
  if (rune >= 0x20 && rune < 0x7F) return true;
  const auto* range =
      std::lower_bound(std::begin(kUnprintable), std::end(kUnprintable), rune,
                       [](const RuneRange& r, char32_t value) { return r.last < value; });
  return range == std::end(kUnprintable) || rune < range->first;
}

void AppendGoQuoted(std::string* out, std::string_view text) {
  out->push_back('"');
  const auto plain = std::find_if(text.begin(), text.end(), [](char c) {
    return c < 0x20 || c >= 0x7F || c == '"' || c == '\\';
  });
  out->append(text.begin(), plain);
  text.remove_prefix(static_cast<size_t>(plain - text.begin()));
  while (!text.empty()) {
    const DecodedRune decoded = DecodeRune(text);
    if (decoded.invalid) {
      out->append("\\x");
      AppendHex(out, static_cast<unsigned char>(text[0]), 2);
    } else if (decoded.rune == '"' || decoded.rune == '\\') {
      out->append({'\\', text[0]});
    } else if (IsGoPrint(decoded.rune)) {
      out->append(text.substr(0, decoded.size));
    } else {
      AppendEscaped(out, decoded.rune);
    }
    text.remove_prefix(decoded.size);
  }
  out->push_back('"');
}

std::string GoQuote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  AppendGoQuoted(&out, text);
  return out;
}

std::string GoQuoteRune(char32_t rune) {
  std::string out = "'";
  if (rune == '\'' || rune == '\\') {
    out.push_back('\\');
    out.push_back(static_cast<char>(rune));
  } else if (IsGoPrint(rune) || !IsValidRune(rune)) {
    AppendRune(&out, rune);
  } else {
    AppendEscaped(&out, rune);
  }
  out.push_back('\'');
  return out;
}

}  // namespace skald
