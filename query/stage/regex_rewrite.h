// The regexes that Loki replaces by tests for literals (logql.md 7.1), and what it makes of them.
//
// It shows: label filters compare a literal, but search for `lit.*`, `.*lit`, `lit(a|b)`; and an
// alternative that matches everything is forgotten beside others (`a|` is `a`).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace skald::query {

// One alternative of a rewritten regex.
struct RegexTest {
  // kEqual is a search, too, where a regex is not anchored.
  enum class Kind { kEqual, kContains, kNotEmpty };
  Kind kind;
  std::string text;
  bool fold = false;
};

// The alternatives; none: the regex matches everything.
using RegexTests = std::vector<RegexTest>;

// What a regex that CompileGoRegex accepts is rewritten to, if it is.
std::optional<RegexTests> RewriteRegex(std::string_view regex);

// The tests as one regex. `anchored`: kEqual compares. REQUIRES: there are tests.
std::string PatternOf(const RegexTests& tests, bool anchored);

}  // namespace skald::query
