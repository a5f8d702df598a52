// RE2 with Go's dialect and error texts: LogQL's regexes are Go's.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "re2/re2.h"
#include "storage/base/status.h"

namespace skald {

// Compiles a Go regex. `(?<name>…)` is taken as `(?P<name>…)`; Latin-1 off; memory bounded.
// InvalidArgument with Go's text: "error parsing regexp: missing closing ): `(abc`".
StatusOr<std::shared_ptr<const RE2>> CompileGoRegex(std::string_view pattern);

// The bridge to RE2's own view type.
inline re2::StringPiece ToRe2(std::string_view text) {
  return re2::StringPiece(text.data(), text.size());
}

}  // namespace skald
