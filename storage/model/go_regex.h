// RE2 with Go's dialect and error texts: LogQL's regexes are Go's.
//
// Known differences that RE2 cannot hide: bytes that are not UTF-8 match no `.` (in Go they match
// as U+FFFD), and two groups of one name are refused.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "re2/re2.h"
#include "storage/base/status.h"

namespace skald {

// Longer patterns are refused: "error parsing regexp: expression too large".
inline constexpr size_t kMaxGoRegexSize = 64 << 10;

// What `.` means outside of (?s) and (?-s).
enum class RegexDot { kExcludesLineFeed, kMatchesLineFeed };

// Compiles a Go regex within the thread's RegexAllowance, sharing large ones that are in use.
// InvalidArgument with Go's text: "error parsing regexp: missing closing ): `(abc`".
StatusOr<std::shared_ptr<const RE2>> CompileGoRegex(std::string_view pattern,
                                                    RegexDot dot = RegexDot::kExcludesLineFeed);

// The bridge to RE2's own view type.
inline re2::StringPiece ToRe2(std::string_view text) {
  return re2::StringPiece(text.data(), text.size());
}

}  // namespace skald
