// Go's interpreted string and character literals.
#pragma once

#include <string>
#include <string_view>

#include "storage/base/status.h"

namespace skald::query {

struct QuotedLiteral {
  size_t size;        // in the text, with its quotes
  size_t characters;  // between the quotes; an escape counts one
  std::string value;
};

// Decodes the literal at the front of `text`, which begins with `quote`. Errors carry the message
// of Go's scanner: "literal not terminated", "invalid char escape".
StatusOr<QuotedLiteral> DecodeQuoted(std::string_view text, char quote);

}  // namespace skald::query
