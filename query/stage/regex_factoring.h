// How Go's regexp/syntax shapes concatenations, classes and alternations while it parses: the part
// of the regex tree that decides which label regexes Loki rewrites.
#pragma once

#include <vector>

#include "query/stage/regex_tree.h"

namespace skald::query {

// One node of `parts`: empty, the only part, or a concatenation.
RegexNode MakeConcat(std::vector<RegexNode> parts);

// A class with its ranges sorted and merged; a class of one rune becomes a literal.
RegexNode NormaliseClass(RegexNode node);

// An alternation of `branches` with common literal prefixes and common leading parts factored out,
// neighbouring single runes merged to a class and neighbouring empty branches to one.
RegexNode FactorAlternation(std::vector<RegexNode> branches);

}  // namespace skald::query
