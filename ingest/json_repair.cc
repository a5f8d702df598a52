#include "ingest/json_repair.h"

#include <algorithm>

#include "storage/base/json_escape.h"
#include "storage/base/utf8.h"

namespace skald::ingest {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kReplacementEscape = "\\ufffd";

// Repairs the escape at the start of `text`; returns its size.
StatusOr<size_t> CopyEscape(std::string_view text, BodyBuffer* out) {
  const int unit = ReadUnicodeEscape(text);
  size_t size = unit < 0 ? 2 : kUnicodeEscapeSize;
  std::string_view repaired = text.substr(0, size);
  if (IsHighSurrogate(unit)) {
    if (IsLowSurrogate(ReadUnicodeEscape(text.substr(size)))) {
      size = 2 * kUnicodeEscapeSize;
      repaired = text.substr(0, size);
    } else {
      repaired = kReplacementEscape;
    }
  } else if (IsLowSurrogate(unit)) {
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
