// Floats with a verb and a precision, as Go's strconv.FormatFloat writes them.
#pragma once

#include <string>

namespace skald {

// Appends `value` in the form of `verb` (b e E f F g G x X); a negative precision asks for the
// fewest digits that read back as `value`. NaN, +Inf and -Inf are written so.
void AppendGoFloat(std::string* out, double value, char verb, int precision);

}  // namespace skald
