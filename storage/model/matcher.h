// A condition on one label: = != =~ !~.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/model/go_regex.h"

namespace skald {

enum class MatchOp { kEqual, kNotEqual, kRegex, kNotRegex };

// "=", "!=", "=~", "!~".
std::string_view MatchOpText(MatchOp op);

// A stream selector's matcher, with Prometheus' semantics: a regex is anchored at both ends and its
// dot matches line feeds; an absent label has the empty value.
//
// A regex that is a literal or an alternation of literals (`a|b|c`) is a set lookup, `.*` and `.+`
// are length tests; only the rest runs RE2.
//
// Threads: immutable. Copies share the compiled regex.
class Matcher {
 public:
  // InvalidArgument with Go's text ("error parsing regexp: missing closing ): `(`") when a regex
  // does not compile.
  static StatusOr<Matcher> Create(std::string name, MatchOp op, std::string value);

  const std::string& name() const { return name_; }
  MatchOp op() const { return op_; }
  const std::string& value() const { return value_; }

  bool Matches(std::string_view value) const;
  // True if an absent label satisfies the condition.
  bool MatchesEmpty() const { return Matches(std::string_view()); }

  // For =~: the values that the regex matches, sorted and distinct, when they are a finite set that
  // was found; else null. Lives as long as this.
  const std::vector<std::string>* literals() const {
    return op_ == MatchOp::kRegex ? literals_.get() : nullptr;
  }

  // `name="value"` with the operator and a Go-quoted value.
  std::string ToString() const;

 private:
  // What decides whether a regex matches; equality operators do not use it.
  enum class Test { kLiterals, kAnything, kNotEmpty, kRegex };

  Matcher() = default;
  bool RegexMatches(std::string_view value) const;

  std::string name_;
  MatchOp op_ = MatchOp::kEqual;
  std::string value_;
  Test test_ = Test::kLiterals;
  std::shared_ptr<const std::vector<std::string>> literals_;
  std::shared_ptr<const RE2> regex_;
};

}  // namespace skald
