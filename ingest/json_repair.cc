#include "ingest/json_repair.h"

#include <charconv>
#include <cstdint>
#include <optional>

#include "storage/base/utf8.h"

namespace skald::ingest {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kReplacementEscape = "\\ufffd";
constexpr size_t kEscapeSize = 6;  // \uXXXX

// The code unit that an escape at the start of `text` stands for.
std::optional<uint32_t> UnicodeEscape(std::string_view text) {
  if (text.size() < kEscapeSize || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  uint32_t unit = 0;
  const char* const digits = text.data() + 2;
  const auto [end, error] = std::from_chars(digits, digits + 4, unit, 16);
  if (error != std::errc() || end != digits + 4) return std::nullopt;
  return unit;
}

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// Repairs the escape at the start of `text`; returns its size.
StatusOr<size_t> CopyEscape(std::string_view text, BodyBuffer* out) {
  const std::optional<uint32_t> unit = UnicodeEscape(text);
  size_t size = unit ? kEscapeSize : 2;
  std::string_view repaired = text.substr(0, size);
  if (unit && IsHighSurrogate(*unit)) {
    const std::optional<uint32_t> next = UnicodeEscape(text.substr(kEscapeSize));
    if (next && IsLowSurrogate(*next)) {
      size = 2 * kEscapeSize;
      repaired = text.substr(0, size);
    } else {
      repaired = kReplacementEscape;
    }
  } else if (unit && IsLowSurrogate(*unit)) {
    repaired = kReplacementEscape;
  }
  RETURN_IF_ERROR(out->Append(repaired));
  return std::min(size, text.size());
}

}  // namespace

Status RepairJsonText(std::string_view text, BodyBuffer* out) {
  size_t copied = 0;
  for (size_t at = 0; at < text.size();) {
    const DecodedRune rune = DecodeRune(text.substr(at));
    if (!rune.invalid && rune.rune != U'\\') {
      at += rune.size;
      continue;
    }
    RETURN_IF_ERROR(out->Append(text.substr(copied, at - copied)));
    if (rune.invalid) {
      RETURN_IF_ERROR(out->Append(kReplacement));
      at += 1;
    } else {
      ASSIGN_OR_RETURN(const size_t size, CopyEscape(text.substr(at), out));
      at += size;
    }
    copied = at;
  }
  return out->Append(text.substr(copied));
}

}  // namespace skald::ingest
