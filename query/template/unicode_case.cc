#include "query/template/unicode_case.h"

#include <wctype.h>

#include <algorithm>
#include <clocale>

#include "absl/strings/ascii.h"
#include "storage/base/utf8.h"

namespace skald {
namespace {

// The C library's Unicode tables; the null locale (where the system lacks them) leaves ASCII.
locale_t UnicodeLocale() {
  static const locale_t locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return locale;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

void AppendMapped(std::string* out, std::string_view text, char32_t (*map)(char32_t)) {
  if (IsAscii(text)) {
    for (const char c : text) {
      out->push_back(static_cast<char>(map(static_cast<unsigned char>(c))));
    }
    return;
  }
  while (!text.empty()) {
    const DecodedRune decoded = DecodeRune(text);
    AppendRune(out, map(decoded.rune));
    text.remove_prefix(decoded.size);
  }
}

}  // namespace

bool IsLetter(char32_t rune) {
  if (rune < 0x80) return absl::ascii_isalpha(static_cast<unsigned char>(rune));
  const locale_t locale = UnicodeLocale();
  return locale != nullptr && iswalpha_l(static_cast<wint_t>(rune), locale) != 0;
}

bool IsLetterOrDigit(char32_t rune) {
  // The library counts the digits of other scripts among the letters.
  return rune < 0x80 ? absl::ascii_isalnum(static_cast<unsigned char>(rune)) : IsLetter(rune);
}

bool IsSpaceRune(char32_t rune) {
  return (rune >= '\t' && rune <= '\r') || rune == ' ' || rune == 0x85 || rune == 0xA0 ||
         rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 ||
         rune == 0x202F || rune == 0x205F || rune == 0x3000;
}

char32_t ToUpperRune(char32_t rune) {
  if (rune < 0x80) {
    return static_cast<unsigned char>(absl::ascii_toupper(static_cast<unsigned char>(rune)));
  }
  const locale_t locale = UnicodeLocale();
  return locale == nullptr ? rune : towupper_l(static_cast<wint_t>(rune), locale);
}

char32_t ToLowerRune(char32_t rune) {
  if (rune < 0x80) {
    return static_cast<unsigned char>(absl::ascii_tolower(static_cast<unsigned char>(rune)));
  }
  const locale_t locale = UnicodeLocale();
  return locale == nullptr ? rune : towlower_l(static_cast<wint_t>(rune), locale);
}

void AppendUpper(std::string* out, std::string_view text) { AppendMapped(out, text, ToUpperRune); }
void AppendLower(std::string* out, std::string_view text) { AppendMapped(out, text, ToLowerRune); }

}  // namespace skald
