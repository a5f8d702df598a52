// JSON text as template values, the way Go's encoding/json decodes into interface {}.
#pragma once

#include <string_view>

#include "query/template/template_value.h"
#include "storage/base/arena.h"

namespace skald::query {

// Objects become maps (of equal keys the last counts), arrays lists, numbers float64. Bytes that
// are not UTF-8 and lone surrogates become replacement runes; a number past the range of float64
// becomes nil. Nil for text that is not one JSON value or nests too deeply. Strings without
// escapes are views of `text`; everything else lies in `arena`.
Value ParseJson(std::string_view text, Arena* arena);

}  // namespace skald::query
