#include "query/stage/line_filter.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "query/stage/line_matchers.h"
#include "query/stage/regex_rewrite.h"
#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

using Matchers = std::vector<std::unique_ptr<LineMatcher>>;

// Longer `or` chains of literals are left to RE2, which looks for all of them in one pass.
constexpr size_t kMaxSearchedLiterals = 32;

bool IsNegated(LineFilterOp op) {
  return op == LineFilterOp::kNotContains || op == LineFilterOp::kNotRegex ||
         op == LineFilterOp::kNotPattern;
}

StatusOr<std::unique_ptr<LineMatcher>> MakeLiteralMatcher(std::vector<RequiredLiteral> literals) {
  std::string regex;
  for (const RequiredLiteral& literal : literals) {
    if (literal.text.empty()) return std::make_unique<SizeMatcher>(0);
    StrAppend(&regex, regex.empty() ? "" : "|", RE2::QuoteMeta(ToRe2(literal.text)));
  }
  if (literals.size() > kMaxSearchedLiterals && regex.size() <= kMaxGoRegexSize) {
    return MakeRegexMatcher(regex);
  }
  return std::make_unique<LiteralMatcher>(std::move(literals));
}

// The operand without the alternatives that Loki forgets; empty: every line matches.
StatusOr<std::string> EffectiveRegex(const std::string& regex) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RE2> compiled, CompileGoRegex(regex));
  const std::optional<RegexTests> tests = RewriteRegex(regex);
  if (!tests) return regex;
  if (tests->empty()) return std::string();
  const bool forgets = RE2::PartialMatch("", *compiled);
  return forgets ? PatternOf(*tests, false) : regex;
}

// Several regexes are one alternation, which RE2 matches in one pass.
StatusOr<std::unique_ptr<LineMatcher>> MakeAnyRegexMatcher(const LineFilterStage& stage) {
  std::vector<std::string> regexes;
  for (const LineFilterOperand& operand : stage.operands) {
    ASSIGN_OR_RETURN(std::string regex, EffectiveRegex(operand.text));
    if (!regex.empty()) regexes.push_back(std::move(regex));
  }
  if (IsNegated(stage.op) && regexes.size() < stage.operands.size()) {
    return std::make_unique<SizeMatcher>(0);
  }
  if (regexes.size() == 1) return MakeRegexMatcher(regexes[0]);
  std::string any;
  for (const std::string& regex : regexes) {
    StrAppend(&any, any.empty() ? "" : "|", "(?:", regex, ")");
  }
  return MakeRegexMatcher(any);
}

StatusOr<std::unique_ptr<LineMatcher>> AnyOf(Matchers matchers) {
  if (matchers.size() == 1) return std::move(matchers.front());
  return std::make_unique<AnyMatcher>(std::move(matchers));
}

// Beside others, an alternative that every line contains is forgotten, as in Loki.
void ForgetEmpty(std::vector<RequiredLiteral>* literals) {
  std::erase_if(*literals, [](const RequiredLiteral& literal) { return literal.text.empty(); });
}

StatusOr<std::unique_ptr<LineMatcher>> MakeContainsMatcher(const LineFilterStage& stage) {
  Matchers matchers;
  std::vector<RequiredLiteral> literals;
  for (const LineFilterOperand& operand : stage.operands) {
    if (operand.is_ip) {
      ASSIGN_OR_RETURN(const IpPattern pattern, IpPattern::Parse(operand.text));
      matchers.push_back(std::make_unique<IpMatcher>(pattern));
    } else {
      literals.push_back({operand.text, false});
    }
  }
  if (stage.operands.size() > 1 && !IsNegated(stage.op)) ForgetEmpty(&literals);
  if (matchers.empty() && literals.empty()) return std::make_unique<SizeMatcher>(0);
  if (!literals.empty()) {
    ASSIGN_OR_RETURN(std::unique_ptr<LineMatcher> matcher, MakeLiteralMatcher(std::move(literals)));
    matchers.push_back(std::move(matcher));
  }
  return AnyOf(std::move(matchers));
}

StatusOr<std::unique_ptr<LineMatcher>> MakePatternMatcher(const LineFilterStage& stage) {
  Matchers matchers;
  for (const LineFilterOperand& operand : stage.operands) {
    ASSIGN_OR_RETURN(std::vector<PatternPiece> pieces, ParseLinePattern(operand.text));
    matchers.push_back(std::make_unique<LinePatternMatcher>(std::move(pieces)));
  }
  return AnyOf(std::move(matchers));
}

StatusOr<std::unique_ptr<LineMatcher>> MakeMatcher(const LineFilterStage& stage) {
  if (stage.op == LineFilterOp::kContains || stage.op == LineFilterOp::kNotContains) {
    return MakeContainsMatcher(stage);
  }
  const bool any_ip = std::any_of(stage.operands.begin(), stage.operands.end(),
                                  [](const LineFilterOperand& operand) { return operand.is_ip; });
  if (any_ip) return InvalidArgument("ip: invalid operation");
  if (stage.op == LineFilterOp::kRegex || stage.op == LineFilterOp::kNotRegex) {
    return MakeAnyRegexMatcher(stage);
  }
  return MakePatternMatcher(stage);
}

}  // namespace

StatusOr<LineCondition> CompileLineFilter(const LineFilterStage& stage) {
  LineCondition condition;
  ASSIGN_OR_RETURN(condition.matcher, MakeMatcher(stage));
  condition.negate = IsNegated(stage.op);
  if (!condition.negate && MatchesEveryLine(*condition.matcher)) condition.matcher.reset();
  return condition;
}

Status LineFilter::Apply(Batch* batch) {
  return batch->KeepRows([&](uint32_t row) {
    return condition_.matcher->Matches(batch->lines[row]) != condition_.negate;
  });
}

}  // namespace skald::query
