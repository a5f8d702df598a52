// The expressions of `| pattern` and of the line filters `|>` and `!>`: literal text with captures
// `<name>` and anonymous captures `<_>`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"

namespace skald::query {

struct PatternPiece {
  bool is_capture;
  std::string text;  // the literal, or the capture's name

  // True if the capture's text is kept under its name.
  bool is_named() const { return is_capture && text != "_"; }
  bool operator==(const PatternPiece&) const = default;
};

// Parses the expression of a pattern stage: at least one named capture, names distinct, no two
// captures side by side. Neighbouring pieces are never both literals. Errors carry Loki's text:
// "at least one capture is required", "duplicate capture name (a): invalid expression".
StatusOr<std::vector<PatternPiece>> ParsePattern(std::string_view text);

// Parses the expression of a pattern line filter: only anonymous captures, no two side by side; it
// may be empty or a bare literal. "named captures are not allowed: found '<foo>'".
StatusOr<std::vector<PatternPiece>> ParseLinePattern(std::string_view text);

}  // namespace skald::query
