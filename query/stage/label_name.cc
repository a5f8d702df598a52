#include "query/stage/label_name.h"

#include "storage/base/ascii.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

bool IsSpaceRune(char32_t rune) {
  switch (rune) {
    case 0x85:
    case 0xA0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202F:
    case 0x205F:
    case 0x3000:
      return true;
    default:
      return rune == ' ' || (rune >= '\t' && rune <= '\r') || (rune >= 0x2000 && rune <= 0x200A);
  }
}

// The last rune of a text that is not empty.
DecodedRune LastRune(std::string_view text) {
  size_t start = text.size() - 1;
  while (start > 0 && text.size() - start < 4 &&
         (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) {
    --start;
  }
  const DecodedRune rune = DecodeRune(text.substr(start));
  if (!rune.invalid && start + rune.size == text.size()) return rune;
  return {kReplacementRune, 1, true};
}

std::string_view TrimSpace(std::string_view text) {
  while (!text.empty()) {
    const DecodedRune rune = DecodeRune(text);
    if (!IsSpaceRune(rune.rune)) break;
    text.remove_prefix(rune.size);
  }
  while (!text.empty()) {
    const DecodedRune rune = LastRune(text);
    if (!IsSpaceRune(rune.rune)) break;
    text.remove_suffix(rune.size);
  }
  return text;
}

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '_';
}

void AppendTrimmed(std::string_view key, std::string* name) {
  if (name->empty() && !key.empty() && IsDigit(key[0])) name->push_back('_');
  while (!key.empty()) {
    if (IsNameByte(key[0])) {
      name->push_back(key[0]);
      key.remove_prefix(1);
    } else {
      name->push_back('_');
      key.remove_prefix(DecodeRune(key).size);
    }
  }
}

}  // namespace

void AppendLabelName(std::string_view key, std::string* name) {
  AppendTrimmed(TrimSpace(key), name);
}

void AppendLabelPart(std::string_view key, std::string* name) {
  key = TrimSpace(key);
  if (key.empty()) return;
  if (!name->empty()) name->push_back('_');
  AppendTrimmed(key, name);
}

bool IsBlankPart(std::string_view key) { return TrimSpace(key).empty(); }

}  // namespace skald::query
