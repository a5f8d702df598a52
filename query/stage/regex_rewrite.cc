#include "query/stage/regex_rewrite.h"

#include <optional>
#include <utility>

#include "query/stage/regex_tree.h"
#include "re2/re2.h"
#include "storage/base/strings.h"
#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

using Kind = RegexNode::Kind;

constexpr size_t kMaxRewrittenParts = 3;

const RegexNode& WithoutCapture(const RegexNode& node) {
  return node.kind == Kind::kCapture ? node.children[0] : node;
}

struct Literal {
  std::u32string runes;
  bool fold = false;
};

RegexTest Contains(const Literal& literal) {
  return {RegexTest::Kind::kContains, RunesToUtf8(literal.runes), literal.fold};
}

std::optional<RegexTests> RewriteConcat(const std::vector<RegexNode>& parts, const Literal* prefix);

// `prefix(alternatives)`: contains prefix + alternative.
std::optional<RegexTests> RewriteSuffixes(const RegexNode& alternate, const Literal& prefix) {
  RegexTests tests;
  for (const RegexNode& branch : alternate.children) {
    if (branch.kind == Kind::kEmpty || branch.IsStarOfAnyNotLf()) {
      tests.push_back(Contains(prefix));
    } else if (branch.kind == Kind::kLiteral) {
      if (branch.fold && !prefix.fold) return std::nullopt;
      tests.push_back(Contains({prefix.runes + branch.runes, prefix.fold}));
    } else if (branch.kind == Kind::kConcat) {
      std::optional<RegexTests> inner = RewriteConcat(branch.children, &prefix);
      if (!inner) return std::nullopt;
      for (RegexTest& test : *inner) tests.push_back(std::move(test));
    } else {
      return std::nullopt;
    }
  }
  return tests;
}

// A concatenation of at most one literal, `.*`s, empty parts and, after the literal, one
// alternation.
std::optional<RegexTests> RewriteConcat(const std::vector<RegexNode>& parts,
                                        const Literal* prefix) {
  if (parts.size() > kMaxRewrittenParts) return std::nullopt;
  Literal literal;
  if (prefix != nullptr) literal = *prefix;
  bool has_literal = false;
  std::optional<RegexTests> suffixes;
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
  return RegexTests{Contains(literal)};
}

std::optional<RegexTests> Rewrite(const RegexNode& captured);

// Alternatives that match everything are forgotten, as upstream does.
std::optional<RegexTests> RewriteAlternate(const RegexNode& alternate) {
  RegexTests tests;
  for (const RegexNode& branch : alternate.children) {
    std::optional<RegexTests> inner = Rewrite(branch);
    if (!inner) return std::nullopt;
    for (RegexTest& test : *inner) tests.push_back(std::move(test));
  }
  return tests;
}

std::optional<RegexTests> Rewrite(const RegexNode& captured) {
  const RegexNode& node = WithoutCapture(captured);
  if (node.kind == Kind::kEmpty || node.IsStarOfAnyNotLf()) return RegexTests{};
  if (node.IsPlusOfAny()) return RegexTests{{RegexTest::Kind::kNotEmpty, "", false}};
  if (node.kind == Kind::kLiteral) {
    return RegexTests{{RegexTest::Kind::kEqual, RunesToUtf8(node.runes), node.fold}};
  }
  if (node.kind == Kind::kConcat) return RewriteConcat(node.children, nullptr);
  if (node.kind == Kind::kAlternate) return RewriteAlternate(node);
  return std::nullopt;
}

}  // namespace

std::optional<RegexTests> RewriteRegex(std::string_view regex) {
  const std::optional<RegexNode> tree = ParseRegexTree(regex);
  if (!tree) return std::nullopt;
  return Rewrite(*tree);
}

std::string PatternOf(const RegexTests& tests, bool anchored) {
  std::string pattern;
  for (const RegexTest& test : tests) {
    const bool equal = anchored && test.kind == RegexTest::Kind::kEqual;
    const std::string text =
        test.kind == RegexTest::Kind::kNotEmpty
            ? "(?s:.)"
            : StrCat(test.fold ? "(?i:" : "(?:", RE2::QuoteMeta(ToRe2(test.text)), ")");
    StrAppend(&pattern, pattern.empty() ? "" : "|", equal ? "^" : "", text, equal ? "$" : "");
  }
  return pattern;
}

}  // namespace skald::query
