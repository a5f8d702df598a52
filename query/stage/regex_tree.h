// A syntax tree of Go regexes, just rich enough to reason about the literals in them.
//
// RE2 does the matching; this tree answers what a regex needs (regex_literals.h) and which label
// regexes Loki rewrites (label_regex.h). It has the shape that Go's regexp/syntax gives a parsed
// expression, common prefixes of alternations factored out, since that shape shows in Loki's
// answers. Constructs it does not follow give no tree.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skald::query {

struct RegexNode {
  enum class Kind {
    kEmpty,      // matches the empty string
    kLiteral,    // `runes`
    kClass,      // one rune of `ranges`, or of an unknown set when `ranges` is empty
    kAnyNotLf,   // `.`
    kAny,        // `.` under (?s)
    kAnchor,     // ^ $ \A \z \b \B
    kCapture,    // children[0]
    kRepeat,     // children[0] min..max times; max < 0: no limit
    kConcat,     // children
    kAlternate,  // children
  };
  struct Range {
    char32_t low;
    char32_t high;
    bool operator==(const Range&) const = default;
  };

  Kind kind = Kind::kEmpty;
  std::u32string runes;
  bool fold = false;  // of kLiteral: in any letter case
  std::vector<Range> ranges;
  std::string anchor;  // its text
  int min = 0;
  int max = 0;
  std::vector<RegexNode> children;

  bool operator==(const RegexNode&) const = default;

  bool IsStarOfAnyNotLf() const {
    return kind == Kind::kRepeat && min == 0 && max < 0 && children[0].kind == Kind::kAnyNotLf;
  }
  bool IsPlusOfAny() const {
    return kind == Kind::kRepeat && min == 1 && max < 0 &&
           (children[0].kind == Kind::kAnyNotLf || children[0].kind == Kind::kAny);
  }
};

// Parses a regex that CompileGoRegex accepts. Nothing if it uses something unknown here or nests
// more than a hundred deep.
std::optional<RegexNode> ParseRegexTree(std::string_view regex);

// The UTF-8 form of a literal's runes.
std::string RunesToUtf8(std::u32string_view runes);

}  // namespace skald::query
