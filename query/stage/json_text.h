// JSON strings as label values and lines.
#pragma once

#include <optional>
#include <string_view>

#include "storage/base/arena.h"

namespace skald::query {

// Resolves the escapes of a JSON string's content. Nothing on an unknown escape or half a surrogate
// pair. The result lives in the arena.
std::optional<std::string_view> UnescapeJson(std::string_view text, Arena* arena);

// `text` with every U+FFFD and every byte that is not UTF-8 replaced by a space: itself when there
// is none, else a copy in the arena.
std::string_view ReplaceBadRunes(std::string_view text, Arena* arena);

// True if `text` holds U+FFFD or bytes that are not UTF-8.
bool HasBadRunes(std::string_view text);

// The value of a string as a label: unescaped if `escaped` (empty if that fails), bad runes
// replaced.
std::string_view JsonLabelValue(std::string_view text, bool escaped, Arena* arena);

}  // namespace skald::query
