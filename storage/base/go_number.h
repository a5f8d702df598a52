// Numbers read and written as Go's strconv does, with its error texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/status.h"

namespace skald {

// strconv.ParseFloat(text, 64): decimal and hexadecimal floats, digit-separating underscores, inf,
// infinity and nan in any letter case. InvalidArgument with Go's text
// `strconv.ParseFloat: parsing "x": invalid syntax` or `…: value out of range`.
StatusOr<double> ParseGoFloat(std::string_view text);

// The same without a message, for callers that parse one value a row and often fail.
bool TryParseGoFloat(std::string_view text, double* value);

// strconv.ParseInt(text, 10, 64). `function` names Go's function in the error text.
StatusOr<int64_t> ParseGoInt(std::string_view text, std::string_view function = "ParseInt");

// strconv.FormatFloat(value, format, -1, 64) with `format` 'e', 'f' or 'g': the shortest digits
// that read back as `value`; NaN, +Inf, -Inf. 'g' takes the exponent form below 1e-4 and from 1e6
// on.
std::string FormatGoFloat(double value, char format);

}  // namespace skald
