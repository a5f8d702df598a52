// Template values as text: Go's fmt package, from `%v` to `%-+#0*.*[2]x`.
//
// Wrong verbs, missing and surplus arguments print as Go prints them: `%!d(string=x)`,
// `%!d(MISSING)`, `%!(EXTRA int=1)`. Pointers and the fields of structs are not modelled.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "query/template/template_value.h"
#include "storage/base/status.h"

namespace skald::query {

// %v of one value; `<nil>` for no value.
void AppendValue(std::string* out, const Value& value);

// fmt.Sprint: spaces between operands when neither is a string.
void AppendPrint(std::string* out, std::span<const Value> args);

// fmt.Sprintln: spaces between all operands and a newline.
void AppendPrintln(std::string* out, std::span<const Value> args);

// fmt.Sprintf. ResourceExhausted once `out` has outgrown `limit` bytes.
Status AppendPrintf(std::string* out, std::string_view format, std::span<const Value> args,
                    size_t limit);

}  // namespace skald::query
