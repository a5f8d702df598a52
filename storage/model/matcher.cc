#include "storage/model/matcher.h"

#include <algorithm>

#include "storage/base/go_quote.h"
#include "storage/model/literal_alternation.h"

namespace skald {

std::string_view MatchOpText(MatchOp op) {
  switch (op) {
    case MatchOp::kEqual:
      return "=";
    case MatchOp::kNotEqual:
      return "!=";
    case MatchOp::kRegex:
      return "=~";
    case MatchOp::kNotRegex:
      return "!~";
  }
  return "=";
}

StatusOr<Matcher> Matcher::Create(std::string name, MatchOp op, std::string value) {
  Matcher matcher;
  matcher.name_ = std::move(name);
  matcher.op_ = op;
  matcher.value_ = std::move(value);
  if (op == MatchOp::kEqual || op == MatchOp::kNotEqual) return matcher;

  if (matcher.value_.size() <= kMaxGoRegexSize) {
    if (auto literals = LiteralAlternation(matcher.value_); literals.has_value()) {
      std::sort(literals->begin(), literals->end());
      literals->erase(std::unique(literals->begin(), literals->end()), literals->end());
      matcher.literals_ = std::make_shared<const std::vector<std::string>>(*std::move(literals));
      matcher.test_ = Test::kLiterals;
      return matcher;
    }
  }
  if (matcher.value_ == ".*") {
    matcher.test_ = Test::kAnything;
  } else if (matcher.value_ == ".+") {
    matcher.test_ = Test::kNotEmpty;
  } else {
    matcher.test_ = Test::kRegex;
    ASSIGN_OR_RETURN(matcher.regex_, CompileGoRegex(matcher.value_, RegexDot::kMatchesLineFeed));
  }
  return matcher;
}

bool Matcher::Matches(std::string_view value) const {
  switch (op_) {
    case MatchOp::kEqual:
      return value == value_;
    case MatchOp::kNotEqual:
      return value != value_;
    case MatchOp::kRegex:
      return RegexMatches(value);
    case MatchOp::kNotRegex:
      return !RegexMatches(value);
  }
  return false;
}

bool Matcher::RegexMatches(std::string_view value) const {
  switch (test_) {
    case Test::kLiterals:
      return std::binary_search(literals_->begin(), literals_->end(), value);
    case Test::kAnything:
      return true;
    case Test::kNotEmpty:
      return !value.empty();
    case Test::kRegex:
      return RE2::FullMatch(ToRe2(value), *regex_);
  }
  return false;
}

std::string Matcher::ToString() const {
  std::string out = StrCat(name_, MatchOpText(op_));
  AppendGoQuoted(&out, value_);
  return out;
}

}  // namespace skald
