// Quoting as Go's strconv.Quote does it, for messages and canonical texts.
#pragma once

#include <string>
#include <string_view>

namespace skald {

// Appends `text` in double quotes: \" \\ \a \b \f \n \r \t \v, \xHH for invalid UTF-8 and control
// bytes, \uHHHH or \UHHHHHHHH for runes that do not print (controls, formats, exotic spaces).
void AppendGoQuoted(std::string* out, std::string_view text);

std::string GoQuote(std::string_view text);

// strconv.QuoteRune: the rune in single quotes. Invalid runes are quoted as U+FFFD.
std::string GoQuoteRune(char32_t rune);

// strconv.IsPrint, but for unassigned code points.
bool IsGoPrint(char32_t rune);

}  // namespace skald
