#include "query/stage/json_text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

#include "storage/base/json_escape.h"
#include "storage/base/utf8.h"
#include "storage/model/column.h"

namespace skald::query {
namespace {

// Writes the rune of a unicode escape or of a surrogate pair of them; returns the bytes read, 0 on
// error. An escape is never shorter than the rune's UTF-8 form.
size_t CopyUnicodeEscape(std::string_view text, char** out) {
  const int unit = ReadUnicodeEscape(text);
  if (unit < 0) return 0;
  auto rune = static_cast<char32_t>(unit);
  size_t size = kUnicodeEscapeSize;
  if (IsHighSurrogate(unit) || IsLowSurrogate(unit)) {
    const int low = ReadUnicodeEscape(text.substr(size));
    if (low < 0xDC00) return 0;
    rune = CombineSurrogates(unit, low);
    size *= 2;
  }
  std::string encoded;
  AppendRune(&encoded, rune);
  std::memcpy(*out, encoded.data(), encoded.size());
  *out += encoded.size();
  return size;
}

bool IsAscii(std::string_view text) {
  size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    if ((word & 0x8080808080808080u) != 0) return false;
  }
  for (; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) >= 0x80) return false;
  }
  return true;
}

}  // namespace

std::optional<std::string_view> UnescapeJson(std::string_view text, Arena* arena) {
  char* const start = arena->Allocate(text.size() + 1);
  char* out = start;
  while (!text.empty()) {
    const size_t plain = std::min(text.find('\\'), text.size());
    std::memcpy(out, text.data(), plain);
    out += plain;
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (text.size() < 2) return std::nullopt;
    size_t used = 2;
    if (text[1] == 'u') {
      used = CopyUnicodeEscape(text, &out);
      if (used == 0) return std::nullopt;
    } else {
      *out = SimpleJsonEscape(text[1]);
      if (*out++ == '\0') return std::nullopt;
    }
    text.remove_prefix(used);
  }
  return std::string_view(start, static_cast<size_t>(out - start));
}

bool HasBadRunes(std::string_view text) {
  if (IsAscii(text)) return false;
  return !IsValidUtf8(text) || text.find("\xEF\xBF\xBD") != std::string_view::npos;
}

std::string_view ReplaceBadRunes(std::string_view text, Arena* arena) {
  if (!HasBadRunes(text)) return text;
  char* const start = arena->Allocate(text.size() + 1);
  char* out = start;
  while (!text.empty()) {
    const DecodedRune decoded = DecodeRune(text);
    if (decoded.rune == kReplacementRune) {
      *out++ = ' ';
    } else {
      std::memcpy(out, text.data(), decoded.size);
      out += decoded.size;
    }
    text.remove_prefix(decoded.size);
  }
  return {start, static_cast<size_t>(out - start)};
}

std::string_view JsonLabelValue(std::string_view text, bool escaped, Arena* arena) {
  if (escaped) {
    const std::optional<std::string_view> unescaped = UnescapeJson(text, arena);
    if (!unescaped) return PresentEmpty();
    text = *unescaped;
  }
  return ReplaceBadRunes(text, arena);
}

}  // namespace skald::query
