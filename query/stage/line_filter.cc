#include "query/stage/line_filter.h"

#include <algorithm>
#include <memory>
#include <string>

#include "query/stage/line_matchers.h"

namespace skald::query {
namespace {

using Matchers = std::vector<std::unique_ptr<LineMatcher>>;

// Longer `or` chains of literals are left to RE2, which looks for all of them in one pass.
constexpr size_t kMaxSearchedLiterals = 32;

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

// Several regexes are one alternation, which RE2 matches in one pass.
StatusOr<std::unique_ptr<LineMatcher>> MakeAnyRegexMatcher(
    const std::vector<LineFilterOperand>& operands) {
  std::string regex;
  for (const LineFilterOperand& operand : operands) {
    RETURN_IF_ERROR(CompileGoRegex(operand.text).status());
    StrAppend(&regex, regex.empty() ? "" : "|", "(?:", operand.text, ")");
  }
  return MakeRegexMatcher(operands.size() == 1 ? operands[0].text : regex);
}

StatusOr<std::unique_ptr<LineMatcher>> AnyOf(Matchers matchers) {
  if (matchers.size() == 1) return std::move(matchers.front());
  return std::make_unique<AnyMatcher>(std::move(matchers));
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
    return MakeAnyRegexMatcher(stage.operands);
  }
  return MakePatternMatcher(stage);
}

}  // namespace

StatusOr<LineCondition> CompileLineFilter(const LineFilterStage& stage) {
  LineCondition condition;
  ASSIGN_OR_RETURN(condition.matcher, MakeMatcher(stage));
  condition.negate = stage.op == LineFilterOp::kNotContains ||
                     stage.op == LineFilterOp::kNotRegex || stage.op == LineFilterOp::kNotPattern;
  if (!condition.negate && MatchesEveryLine(*condition.matcher)) condition.matcher.reset();
  return condition;
}

Status LineFilter::Apply(Batch* batch) {
  std::erase_if(batch->selection, [&](uint32_t row) {
    return condition_.matcher->Matches(batch->lines[row]) == condition_.negate;
  });
  return absl::OkStatus();
}

}  // namespace skald::query
