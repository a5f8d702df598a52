#include "storage/base/utf8.h"

namespace skald {

DecodedRune DecodeRune(std::string_view text) {
  if (text.empty()) return {kReplacementRune, 0, true};
  auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  constexpr DecodedRune kInvalid = {kReplacementRune, 1, true};
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return kInvalid;
  char32_t rune = lead & (0xFFu >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return kInvalid;
    rune = rune << 6 | (byte(i) & 0x3Fu);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (rune < kSmallest[size] || !IsValidRune(rune)) return kInvalid;
  return {rune, size};
}

void AppendRune(std::string* out, char32_t rune) {
  if (!IsValidRune(rune)) rune = kReplacementRune;
  auto tail = [rune](int shift) { return static_cast<char>(0x80 | (rune >> shift & 0x3F)); };
  if (rune < 0x80) {
    out->push_back(static_cast<char>(rune));
  } else if (rune < 0x800) {
    out->append({static_cast<char>(0xC0 | rune >> 6), tail(0)});
  } else if (rune < 0x10000) {
    out->append({static_cast<char>(0xE0 | rune >> 12), tail(6), tail(0)});
  } else {
    out->append({static_cast<char>(0xF0 | rune >> 18), tail(12), tail(6), tail(0)});
  }
}

size_t ValidUtf8Prefix(std::string_view text) {
  size_t valid = 0;
  while (valid < text.size()) {
    if (static_cast<unsigned char>(text[valid]) < 0x80) {
      ++valid;
      continue;
    }
    const DecodedRune rune = DecodeRune(text.substr(valid));
    if (rune.invalid) break;
    valid += rune.size;
  }
  return valid;
}

std::string Shortened(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  size_t end = most;
  const auto continues = [&] { return (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80; };
  while (end > 0 && most - end < 3 && continues()) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace skald
