#include "query/stage/label_regex.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "query/stage/regex_tree.h"
#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

using Kind = RegexNode::Kind;
using Test = LabelRegex::Test;
// The alternatives of a rewritten regex; empty: it matches everything.
using Tests = std::vector<Test>;

constexpr size_t kMaxRewrittenParts = 3;

const RegexNode& WithoutCapture(const RegexNode& node) {
  return node.kind == Kind::kCapture ? node.children[0] : node;
}

struct Literal {
  std::u32string runes;
  bool fold = false;
};

Test Contains(const Literal& literal) {
  return {Test::Kind::kContains, RunesToUtf8(literal.runes), literal.fold};
}

std::optional<Tests> RewriteConcat(const std::vector<RegexNode>& parts, const Literal* prefix);

// `prefix(alternatives)`: contains prefix + alternative.
std::optional<Tests> RewriteSuffixes(const RegexNode& alternate, const Literal& prefix) {
  Tests tests;
  for (const RegexNode& branch : alternate.children) {
    if (branch.kind == Kind::kEmpty || branch.IsStarOfAnyNotLf()) {
      tests.push_back(Contains(prefix));
    } else if (branch.kind == Kind::kLiteral) {
      if (branch.fold && !prefix.fold) return std::nullopt;
      tests.push_back(Contains({prefix.runes + branch.runes, prefix.fold}));
    } else if (branch.kind == Kind::kConcat) {
      std::optional<Tests> inner = RewriteConcat(branch.children, &prefix);
      if (!inner) return std::nullopt;
      for (Test& test : *inner) tests.push_back(std::move(test));
    } else {
      return std::nullopt;
    }
  }
  return tests;
}

// A concatenation of at most one literal, `.*`s, empty parts and, after the literal, one
// alternation.
std::optional<Tests> RewriteConcat(const std::vector<RegexNode>& parts, const Literal* prefix) {
  if (parts.size() > kMaxRewrittenParts) return std::nullopt;
  Literal literal;
  if (prefix != nullptr) literal = *prefix;
  bool has_literal = false;
  std::optional<Tests> suffixes;
  for (const RegexNode& captured : parts) {
    const RegexNode& part = WithoutCapture(captured);
    if (part.kind == Kind::kEmpty || part.IsStarOfAnyNotLf()) continue;
    if (part.kind == Kind::kLiteral && !has_literal) {
      if (prefix != nullptr && part.fold && !prefix->fold) return std::nullopt;
      literal.runes += part.runes;
      if (prefix == nullptr) literal.fold = part.fold;
      has_literal = true;
    } else if (part.kind == Kind::kAlternate && has_literal && !suffixes) {
      suffixes = RewriteSuffixes(part, literal);
      if (!suffixes) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  if (!has_literal) return std::nullopt;
  if (suffixes) return suffixes;
  return Tests{Contains(literal)};
}

std::optional<Tests> Rewrite(const RegexNode& captured);

// Alternatives that match everything are forgotten, as upstream does.
std::optional<Tests> RewriteAlternate(const RegexNode& alternate) {
  Tests tests;
  for (const RegexNode& branch : alternate.children) {
    std::optional<Tests> inner = Rewrite(branch);
    if (!inner) return std::nullopt;
    for (Test& test : *inner) tests.push_back(std::move(test));
  }
  return tests;
}

std::optional<Tests> Rewrite(const RegexNode& captured) {
  const RegexNode& node = WithoutCapture(captured);
  if (node.kind == Kind::kEmpty || node.IsStarOfAnyNotLf()) return Tests{};
  if (node.IsPlusOfAny()) return Tests{{Test::Kind::kNotEmpty, "", false}};
  if (node.kind == Kind::kLiteral) {
    return Tests{{Test::Kind::kEqual, RunesToUtf8(node.runes), node.fold}};
  }
  if (node.kind == Kind::kConcat) return RewriteConcat(node.children, nullptr);
  if (node.kind == Kind::kAlternate) return RewriteAlternate(node);
  return std::nullopt;
}

// The tests as one regex, for those that ignore letter case.
std::string PatternOf(const Tests& tests) {
  std::string pattern;
  for (const Test& test : tests) {
    const bool equal = test.kind == Test::Kind::kEqual;
    const std::string text =
        test.kind == Test::Kind::kNotEmpty
            ? "(?s:.)"
            : StrCat(test.fold ? "(?i:" : "(?:", RE2::QuoteMeta(ToRe2(test.text)), ")");
    StrAppend(&pattern, pattern.empty() ? "" : "|", equal ? "^" : "", text, equal ? "$" : "");
  }
  return pattern;
}

}  // namespace

StatusOr<LabelRegex> LabelRegex::Compile(std::string_view regex) {
  LabelRegex compiled;
  ASSIGN_OR_RETURN(const std::shared_ptr<const RE2> checked, CompileGoRegex(regex));
  if (const std::optional<RegexNode> tree = ParseRegexTree(regex)) {
    if (std::optional<Tests> tests = Rewrite(*tree)) {
      compiled.tests_ = std::move(*tests);
      compiled.matches_all_ = compiled.tests_.empty();
      const bool folds = std::any_of(compiled.tests_.begin(), compiled.tests_.end(),
                                     [](const Test& test) { return test.fold; });
      if (!folds) return compiled;
      ASSIGN_OR_RETURN(compiled.regex_, CompileGoRegex(PatternOf(compiled.tests_)));
      compiled.tests_.clear();
      return compiled;
    }
  }
  ASSIGN_OR_RETURN(compiled.regex_, CompileGoRegex(StrCat("^(?:", regex, ")$")));
  return compiled;
}

bool LabelRegex::Matches(std::string_view value) const {
  if (matches_all_) return true;
  for (const Test& test : tests_) {
    switch (test.kind) {
      case Test::Kind::kEqual:
        if (value == test.text) return true;
        break;
      case Test::Kind::kContains:
        if (value.find(test.text) != std::string_view::npos) return true;
        break;
      case Test::Kind::kNotEmpty:
        if (!value.empty()) return true;
        break;
    }
  }
  return regex_ != nullptr && RE2::PartialMatch(ToRe2(value), *regex_);
}

std::vector<std::string> LabelRegex::Values() const {
  std::vector<std::string> values;
  for (const Test& test : tests_) {
    if (test.kind != Test::Kind::kEqual || test.fold) return {};
    values.push_back(test.text);
  }
  return values;
}

}  // namespace skald::query
