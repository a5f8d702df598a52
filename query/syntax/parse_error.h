// The texts of LogQL parse errors.
#pragma once

#include <string_view>

#include "query/syntax/token.h"
#include "storage/base/status.h"

namespace skald::query {

// `parse error at line 1, col 5: message`, or `parse error : message` without a place.
Status ParseErrorAt(Position position, std::string_view message);

// `parse error : message`: what is wrong although the syntax is right.
Status ParseError(std::string_view message);

}  // namespace skald::query
