// A label filter's regex, with what Loki makes of it (logql.md 7.1).
//
// Regexes that reduce to literals are rewritten: a literal or an alternation of literals to
// equality, but `lit.*`, `.*lit`, `lit(a|b)` and alternations with a common prefix to *substring*
// tests. All others are anchored at both ends. Empty and `.*` match everything, `.+` any value that
// is not empty.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/stage/regex_rewrite.h"
#include "re2/re2.h"
#include "storage/base/status.h"

namespace skald::query {

// Threads: immutable. Copies share the compiled regex.
class LabelRegex {
 public:
  // InvalidArgument with Go's text when the regex does not compile.
  static StatusOr<LabelRegex> Compile(std::string_view regex);

  bool Matches(std::string_view value) const;

  // The values that match, if they are a finite set that is known; else empty.
  std::vector<std::string> Values() const;

 private:
  LabelRegex() = default;

  bool matches_all_ = false;
  RegexTests tests_;                  // any of them
  std::shared_ptr<const RE2> regex_;  // else this, anchored
};

}  // namespace skald::query
