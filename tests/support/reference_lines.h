// What the reference evaluator does with the text of a line.
#pragma once

#include <string>

#include "query/syntax/ast.h"

namespace skald::test_support {

bool LineHolds(const query::LineFilterStage& filter, const std::string& line);

// True if the regex occurs in the text.
bool TextMatches(const std::string& regex, const std::string& text);

// Whether text holds IPv4 addresses, and one of a range.
enum class AddressSearch { kNone, kOthers, kFound };
// `range` is an address, or a network such as `10.0.0.0/8`.
AddressSearch FindAddress(const std::string& range, const std::string& text);

// The line without escapes of the form ESC [ digits letter.
std::string Decolorized(const std::string& line);

}  // namespace skald::test_support
