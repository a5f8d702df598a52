// The conditions of line filters as storage runs them (logql.md 5.3, 5.7).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "query/stage/ip_pattern.h"
#include "query/stage/leading_search.h"
#include "query/stage/literal_search.h"
#include "query/stage/regex_tree.h"
#include "query/syntax/pattern_syntax.h"
#include "re2/re2.h"
#include "storage/base/status.h"
#include "storage/model/line_matcher.h"

namespace skald::query {

// Contains one of several literals. The search alone decides.
class LiteralMatcher : public LineMatcher {
 public:
  // REQUIRES: no literal is empty; none that folds case has a k or s (U+212A and U+017F).
  explicit LiteralMatcher(std::vector<RequiredLiteral> literals)
      : search_(literals), required_{std::move(literals)} {}

  bool Matches(std::string_view line) const override { return search_.OccursIn(line); }
  Candidate FindCandidate(std::string_view text, size_t from) const override;
  bool has_candidates() const override { return true; }
  const RequiredLiterals& required() const override { return required_; }

 private:
  LiteralSearch search_;
  RequiredLiterals required_;
};

// Holds a match of a regex. Lines are first searched for literals that every match contains.
class RegexMatcher : public LineMatcher {
 public:
  // `regex` as CompileGoRegex made it; `tree`: its tree, if there is one.
  RegexMatcher(std::shared_ptr<const RE2> regex, const RegexNode* tree);

  bool Matches(std::string_view line) const override;
  Candidate FindCandidate(std::string_view text, size_t from) const override;
  bool has_candidates() const override { return !search_.empty(); }
  const RequiredLiterals& required() const override { return required_; }

 private:
  std::shared_ptr<const RE2> regex_;
  RequiredLiterals required_;
  LeadingSearch search_;
};

// `|> "<_> error <_>"`.
class LinePatternMatcher : public LineMatcher {
 public:
  explicit LinePatternMatcher(std::vector<PatternPiece> pieces);

  bool Matches(std::string_view line) const override;
  Candidate FindCandidate(std::string_view text, size_t from) const override;
  bool has_candidates() const override { return !search_.empty(); }
  const RequiredLiterals& required() const override { return required_; }

 private:
  std::vector<PatternPiece> pieces_;
  RequiredLiterals required_;
  LeadingSearch search_;
};

// `|= ip("10.0.0.0/8")`.
class IpMatcher : public LineMatcher {
 public:
  explicit IpMatcher(IpPattern pattern) : pattern_(pattern) {}

  bool Matches(std::string_view line) const override { return pattern_.OccursIn(line); }
  const RequiredLiterals& required() const override { return required_; }

 private:
  IpPattern pattern_;
  RequiredLiterals required_;
};

// Any line of at least so many bytes: 0 for every line.
class SizeMatcher : public LineMatcher {
 public:
  explicit SizeMatcher(size_t least) : least_(least) {}

  bool Matches(std::string_view line) const override { return line.size() >= least_; }
  const RequiredLiterals& required() const override { return required_; }

  size_t least() const { return least_; }

 private:
  size_t least_;
  RequiredLiterals required_;
};

// One of several conditions: an `or` chain whose members need different kinds of test.
class AnyMatcher : public LineMatcher {
 public:
  explicit AnyMatcher(std::vector<std::unique_ptr<LineMatcher>> members)
      : members_(std::move(members)) {}

  bool Matches(std::string_view line) const override;
  const RequiredLiterals& required() const override { return required_; }

 private:
  std::vector<std::unique_ptr<LineMatcher>> members_;
  RequiredLiterals required_;
};

// The matcher of a regex: without RE2 where literals or the line's size decide. InvalidArgument
// with Go's text when it does not compile.
StatusOr<std::unique_ptr<LineMatcher>> MakeRegexMatcher(std::string_view regex);

// True if the matcher is known to match every line.
bool MatchesEveryLine(const LineMatcher& matcher);

}  // namespace skald::query
