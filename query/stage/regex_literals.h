// The literals that every match of a regex contains.
//
// Storage skips blocks by them and lines are searched for them before RE2 runs. The derivation is
// conservative: where it does not follow the regex, it claims nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "query/stage/regex_tree.h"
#include "storage/model/line_matcher.h"

namespace skald::query {

struct RegexLiterals {
  // Of every group one literal occurs in each match. Literals are not empty; those with fold_case
  // are lower-case ASCII, and of a match they may be spelt with U+212A for k and U+017F for s.
  RequiredLiterals groups;
  // The regex matches exactly the texts that contain one of groups[0], its only group; none of them
  // has fold_case with a k or s.
  bool exact = false;
};

RegexLiterals FindRegexLiterals(const RegexNode& regex);

}  // namespace skald::query
