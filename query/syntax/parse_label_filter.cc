// Label filters: `status >= 500 and (path =~ "/api.*" or size > 10KB)`.
#include <limits>
#include <memory>
#include <utility>

#include "query/syntax/grammar.h"
#include "query/syntax/number_scanner.h"
#include "query/syntax/operators.h"

namespace skald::query {
namespace {

LabelCondition Join(bool is_or, LabelCondition left, LabelCondition right) {
  return {BooleanCondition{is_or, std::make_unique<LabelCondition>(std::move(left)),
                           std::make_unique<LabelCondition>(std::move(right))}};
}

}  // namespace

// `and` binds tighter than `or`. A comma and mere juxtaposition mean `and`, but have no precedence:
// all that follows them is their right side, whatever stands to their left.
StatusOr<LabelCondition> Parser::ParseLabelFilter(int min_precedence) {
  constexpr int kOrPrecedence = 1;
  constexpr int kAndPrecedence = 2;
  const Nesting nesting(this);
  RETURN_IF_ERROR(nesting.Check());
  ASSIGN_OR_RETURN(LabelCondition left, ParseLabelFilterOperand());
  while (true) {
    int right_precedence = 0;
    const TokenKind next = tokens_.Peek();
    if (next == TokenKind::kOr || next == TokenKind::kAnd) {
      const int precedence = next == TokenKind::kOr ? kOrPrecedence : kAndPrecedence;
      if (precedence < min_precedence) return left;
      right_precedence = precedence + 1;
    } else if (next != TokenKind::kComma && next != TokenKind::kIdentifier &&
               next != TokenKind::kLeftParen) {
      return left;
    }
    const bool juxtaposed = next == TokenKind::kIdentifier || next == TokenKind::kLeftParen;
    if (!juxtaposed) tokens_.Take();
    RETURN_IF_ERROR(CountOperator());
    ASSIGN_OR_RETURN(LabelCondition right, ParseLabelFilter(right_precedence));
    left = Join(next == TokenKind::kOr, std::move(left), std::move(right));
  }
}

StatusOr<LabelCondition> Parser::ParseLabelFilterOperand() {
  if (tokens_.Accept(TokenKind::kLeftParen)) {
    ASSIGN_OR_RETURN(LabelCondition condition, ParseLabelFilter());
    RETURN_IF_ERROR(tokens_.Expect(TokenKind::kRightParen, {}).status());
    return condition;
  }
  ASSIGN_OR_RETURN(Token name, tokens_.Expect(TokenKind::kIdentifier,
                                              {TokenKind::kIdentifier, TokenKind::kLeftParen}));
  return ParseComparison(std::move(name.text));
}

// The operator and the value.
StatusOr<LabelCondition> Parser::ParseComparison(std::string name) {
  const std::optional<MatchOp> match = MatchOpOf(tokens_.Peek());
  const std::optional<CompareOp> compare = CompareOpOf(tokens_.Peek());
  if (!match.has_value() && !compare.has_value()) return tokens_.Unexpected();
  tokens_.Take();
  if (match.has_value() && (!compare.has_value() || tokens_.At(TokenKind::kString))) {
    ASSIGN_OR_RETURN(StringCondition condition, ParseStringCondition(std::move(name), *match));
    return LabelCondition{std::move(condition)};
  }
  if (match.has_value() && tokens_.At(TokenKind::kIp)) {
    ASSIGN_OR_RETURN(std::string pattern, ParseIpArgument());
    return LabelCondition{
        IpCondition{std::move(name), *match == MatchOp::kNotEqual, std::move(pattern)}};
  }
  return ParseQuantity(std::move(name), *compare);
}

StatusOr<LabelCondition> Parser::ParseQuantity(std::string name, CompareOp op) {
  switch (tokens_.Peek()) {
    case TokenKind::kDuration:
      return LabelCondition{DurationCondition{std::move(name), op, tokens_.Take().nanos}};
    case TokenKind::kBytes:
      return LabelCondition{BytesCondition{std::move(name), op, tokens_.Take().bytes}};
    case TokenKind::kNumber:
    case TokenKind::kAdd:
    case TokenKind::kSub:
      break;
    default:
      return tokens_.Unexpected();
  }
  const bool negative = tokens_.At(TokenKind::kSub);
  if (!tokens_.At(TokenKind::kNumber)) tokens_.Take();
  ASSIGN_OR_RETURN(Token literal, tokens_.Expect(TokenKind::kNumber));
  // A number too large compares as infinity.
  const double value = FilterNumber(literal.text).value_or(std::numeric_limits<double>::infinity());
  return LabelCondition{NumberCondition{std::move(name), op, negative ? -value : value}};
}

}  // namespace skald::query
