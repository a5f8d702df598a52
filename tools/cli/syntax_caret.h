// Points at the place of a syntax error in a query.
#pragma once

#include <string>
#include <string_view>

namespace skald::cli {

// The line of `query` that the message speaks of (`parse error at line 1, col 6: …`) and below it
// a caret under the column; empty when the message names no place within the query.
std::string SyntaxCaret(std::string_view query, std::string_view message);

// Writes the above to standard error, if that is a terminal.
void ShowSyntaxCaret(std::string_view query, std::string_view message);

}  // namespace skald::cli
