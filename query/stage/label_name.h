// How keys found in log lines become label names.
#pragma once

#include <string>
#include <string_view>

namespace skald::query {

inline constexpr std::string_view kExtractedSuffix = "_extracted";

// Appends `key` to a label name: surrounding Unicode white space goes, every rune but
// [A-Za-z0-9_] becomes `_`, and a digit at the start of the whole name gets `_` before it.
void AppendLabelName(std::string_view key, std::string* name);

// Appends `key` as a further part of a flattened name: `a` then `b` is `a_b`. Blank parts are
// omitted.
void AppendLabelPart(std::string_view key, std::string* name);

// True for a key of nothing but Unicode white space.
bool IsBlankPart(std::string_view key);

}  // namespace skald::query
