// A condition on one label: = != =~ !~.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "re2/re2.h"
#include "storage/base/status.h"

namespace skald {

enum class MatchOp { kEqual, kNotEqual, kRegex, kNotRegex };

// "=", "!=", "=~", "!~".
std::string_view MatchOpText(MatchOp op);

// A stream selector's matcher, with Prometheus' semantics: a regex is anchored at both ends and its
// dot matches line feeds; an absent label has the empty value.
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

  // `name="value"` with the operator and a Go-quoted value.
  std::string ToString() const;

 private:
  Matcher() = default;
  std::string name_;
  MatchOp op_ = MatchOp::kEqual;
  std::string value_;
  std::shared_ptr<const RE2> regex_;
};

}  // namespace skald
