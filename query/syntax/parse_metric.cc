// Expressions above ranges: aggregations, functions, literals and binary operations.
#include <memory>
#include <utility>

#include "query/syntax/grammar.h"
#include "query/syntax/operators.h"
#include "query/syntax/parse_error.h"
#include "query/syntax/validate.h"
#include "storage/base/go_number.h"
#include "storage/base/strings.h"

namespace skald::query {
namespace {

template <typename Node>
Expression Metric(Node node, Status error) {
  return {std::make_unique<MetricExpr>(MetricExpr{std::move(node)}), std::move(error)};
}

// The expression of a parsed argument. REQUIRES: a plain metric.
MetricExprPtr TakeMetric(Expression* expression) {
  return std::get<MetricExprPtr>(std::move(expression->node));
}

}  // namespace

Status Parser::Nesting::Check() const {
  if (parser_->nesting_ <= kMaxNesting) return absl::OkStatus();
  return ParseError(StrCat("query nests too deeply: more than ", kMaxNesting, " levels"));
}

Status Parser::CountOperator() {
  if (++operators_ <= kMaxOperators) return absl::OkStatus();
  return ParseError(StrCat("query has too many operators: more than ", kMaxOperators));
}

StatusOr<Expression> Parser::ParseAll() {
  ASSIGN_OR_RETURN(Expression expression, ParseExpression(0));
  if (!tokens_.At(TokenKind::kEnd)) return tokens_.Unexpected();
  RETURN_IF_ERROR(tokens_.CheckNoStray());
  return expression;
}

// ---- Binary operations -----------------------------------------------------------------------

StatusOr<Expression> Parser::ParseExpression(int min_precedence) {
  const Nesting nesting(this);
  RETURN_IF_ERROR(nesting.Check());
  ASSIGN_OR_RETURN(Expression operand, ParseOperand());
  return ParseBinary(std::move(operand), min_precedence);
}

// Extends `left` by the operators that bind at least as tightly as `min_precedence`.
StatusOr<Expression> Parser::ParseBinary(Expression left, int min_precedence) {
  while (true) {
    const std::optional<BinaryOp> op = BinaryOpOf(tokens_.Peek());
    if (!op.has_value() || PrecedenceOf(*op) < min_precedence) return left;
    tokens_.Take();
    RETURN_IF_ERROR(CountOperator());
    ASSIGN_OR_RETURN(BinaryModifier modifier, ParseModifier());
    const int right_precedence = PrecedenceOf(*op) + (IsRightAssociative(*op) ? 0 : 1);
    ASSIGN_OR_RETURN(Expression right, ParseExpression(right_precedence));
    left = MakeBinary(*op, std::move(modifier), std::move(left), std::move(right));
  }
}

// `bool`, then `on (…)` or `ignoring (…)`, then `group_left (…)` or `group_right (…)`.
StatusOr<BinaryModifier> Parser::ParseModifier() {
  BinaryModifier modifier;
  modifier.return_bool = tokens_.Accept(TokenKind::kBool);
  const bool on = tokens_.At(TokenKind::kOn);
  if (!on && !tokens_.At(TokenKind::kIgnoring)) return modifier;
  tokens_.Take();
  VectorMatching matching;
  matching.on = on;
  ASSIGN_OR_RETURN(matching.labels, ParseLabelList());
  const bool left = tokens_.At(TokenKind::kGroupLeft);
  if (left || tokens_.At(TokenKind::kGroupRight)) {
    tokens_.Take();
    matching.cardinality = left ? MatchCardinality::kManyToOne : MatchCardinality::kOneToMany;
    if (tokens_.At(TokenKind::kLeftParen)) {
      ASSIGN_OR_RETURN(matching.include, ParseLabelList());
    }
  } else if (!on && matching.labels.empty()) {
    return modifier;  // ignoring nothing is no matching clause
  }
  modifier.matching = std::move(matching);
  return modifier;
}

// ---- Operands --------------------------------------------------------------------------------

StatusOr<Expression> Parser::ParseOperand() {
  const TokenKind next = tokens_.Peek();
  if (const std::optional<RangeOp> op = RangeOpOf(next)) return ParseRangeAggregation(*op);
  if (const std::optional<VectorOp> op = VectorOpOf(next)) return ParseVectorAggregation(*op);
  switch (next) {
    case TokenKind::kLeftBrace: {
      ASSIGN_OR_RETURN(LogExpr log, ParseLog());
      return Expression{std::move(log), absl::OkStatus()};
    }
    case TokenKind::kLeftParen:
      return ParseParenthesised();
    case TokenKind::kNumber:
    case TokenKind::kAdd:
    case TokenKind::kSub:
      return ParseLiteral();
    case TokenKind::kVector:
      return ParseVector();
    case TokenKind::kLabelReplace:
      return ParseLabelReplace();
    case TokenKind::kVariants:
      return ParseVariants();
    default:
      return tokens_.Unexpected();
  }
}

StatusOr<Expression> Parser::ParseParenthesised() {
  tokens_.Take();
  ASSIGN_OR_RETURN(Expression inner, ParseExpression(0));
  const MetricExpr* metric = inner.metric();
  if (metric != nullptr && !inner.is_plain_metric()) return tokens_.Unexpected();
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kRightParen, {}).status());
  return inner;
}

StatusOr<Expression> Parser::ParseMetric() {
  ASSIGN_OR_RETURN(Expression expression, ParseExpression(0));
  return RequireMetric(std::move(expression));
}

StatusOr<Expression> Parser::RequireMetric(Expression expression) {
  if (!expression.is_plain_metric()) return tokens_.Unexpected();
  return expression;
}

StatusOr<Expression> Parser::ParseLiteral() {
  const bool negative = tokens_.At(TokenKind::kSub);
  if (!tokens_.At(TokenKind::kNumber)) tokens_.Take();
  ASSIGN_OR_RETURN(const Token literal, tokens_.Expect(TokenKind::kNumber));
  return MakeLiteral(literal.text, negative);
}

Expression Parser::MakeLiteral(std::string_view text, bool negative) {
  const StatusOr<double> value = ParseGoFloat(text);
  if (!value.ok()) {
    return Metric(LiteralExpr{0}, InvalidArgument(StrCat("unable to parse literal as a float: ",
                                                         Message(value.status()))));
  }
  return Metric(LiteralExpr{negative ? -*value : *value}, absl::OkStatus());
}

StatusOr<Expression> Parser::ParseRangeAggregation(RangeOp op) {
  tokens_.Take();
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kLeftParen).status());
  std::optional<std::string> parameter;
  if (tokens_.At(TokenKind::kNumber)) {
    parameter = tokens_.Take().text;
    RETURN_IF_ERROR(tokens_.Expect(TokenKind::kComma).status());
  } else if (!tokens_.At(TokenKind::kLeftBrace) && !tokens_.At(TokenKind::kLeftParen)) {
    return tokens_.Unexpected({TokenKind::kNumber, TokenKind::kLeftBrace, TokenKind::kLeftParen});
  }
  RangeAggregation aggregation;
  aggregation.op = op;
  ASSIGN_OR_RETURN(aggregation.range, ParseLogRange());
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kRightParen).status());
  if (AtGrouping()) {
    ASSIGN_OR_RETURN(aggregation.grouping, ParseGrouping());
  }
  Status error = CompleteRangeAggregation(parameter, &aggregation);
  return Metric(std::move(aggregation), std::move(error));
}

StatusOr<Expression> Parser::ParseVectorAggregation(VectorOp op) {
  tokens_.Take();
  VectorAggregation aggregation;
  aggregation.op = op;
  const bool grouping_first = AtGrouping();
  if (grouping_first) {
    ASSIGN_OR_RETURN(aggregation.grouping, ParseGrouping());
  }
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kLeftParen).status());
  std::optional<std::string> parameter;
  Expression inner;
  ASSIGN_OR_RETURN(inner, ParseAggregationArguments(&parameter));
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kRightParen, {}).status());
  if (!grouping_first && AtGrouping()) {
    ASSIGN_OR_RETURN(aggregation.grouping, ParseGrouping());
  }
  Status error = CompleteVectorAggregation(parameter, &aggregation);
  error.Update(inner.error);
  aggregation.inner = TakeMetric(&inner);
  // `by ()` makes one group, as no grouping does.
  if (aggregation.grouping.has_value() && !aggregation.grouping->without &&
      aggregation.grouping->labels.empty()) {
    aggregation.grouping.reset();
  }
  return Metric(std::move(aggregation), std::move(error));
}

// `5, expr` or `expr`. A number is a parameter only if a comma follows it.
StatusOr<Expression> Parser::ParseAggregationArguments(std::optional<std::string>* parameter) {
  if (!tokens_.At(TokenKind::kNumber)) return ParseMetric();
  const std::string number = tokens_.Take().text;
  if (tokens_.Accept(TokenKind::kComma)) {
    *parameter = number;
    return ParseMetric();
  }
  ASSIGN_OR_RETURN(Expression expression, ParseBinary(MakeLiteral(number, false), 0));
  return RequireMetric(std::move(expression));
}

bool Parser::AtGrouping() { return tokens_.At(TokenKind::kBy) || tokens_.At(TokenKind::kWithout); }

StatusOr<Grouping> Parser::ParseGrouping() {
  Grouping grouping;
  grouping.without = tokens_.Take().kind == TokenKind::kWithout;
  ASSIGN_OR_RETURN(grouping.labels, ParseLabelList());
  return grouping;
}

// `(a, b)`, possibly empty.
StatusOr<std::vector<std::string>> Parser::ParseLabelList() {
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kLeftParen).status());
  std::vector<std::string> labels;
  if (tokens_.Accept(TokenKind::kRightParen)) return labels;
  auto label =
      tokens_.Expect(TokenKind::kIdentifier, {TokenKind::kIdentifier, TokenKind::kRightParen});
  while (true) {
    RETURN_IF_ERROR(label.status());
    labels.push_back(std::move(label->text));
    if (tokens_.Accept(TokenKind::kRightParen)) return labels;
    RETURN_IF_ERROR(
        tokens_.Expect(TokenKind::kComma, {TokenKind::kComma, TokenKind::kRightParen}).status());
    label = tokens_.Expect(TokenKind::kIdentifier);
  }
}

StatusOr<Expression> Parser::ParseVector() {
  tokens_.Take();
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kLeftParen).status());
  ASSIGN_OR_RETURN(const Token number, tokens_.Expect(TokenKind::kNumber));
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kRightParen).status());
  const StatusOr<double> value = ParseGoFloat(number.text);
  if (value.ok()) return Metric(VectorExpr{*value}, absl::OkStatus());
  return Metric(VectorExpr{0}, InvalidArgument(StrCat("unable to parse vectorExpr as a float: ",
                                                      Message(value.status()))));
}

StatusOr<Expression> Parser::ParseLabelReplace() {
  tokens_.Take();
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kLeftParen).status());
  ASSIGN_OR_RETURN(Expression inner, ParseMetric());
  LabelReplaceExpr replace;
  // The first comma could also be an operator that goes on with the expression.
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kComma, {}).status());
  std::string* const arguments[] = {&replace.target, &replace.replacement, &replace.source,
                                    &replace.regex};
  for (std::string* argument : arguments) {
    if (argument != &replace.target) {
      RETURN_IF_ERROR(tokens_.Expect(TokenKind::kComma).status());
    }
    ASSIGN_OR_RETURN(Token text, tokens_.Expect(TokenKind::kString));
    *argument = std::move(text.text);
  }
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kRightParen).status());
  Status error = CheckLabelReplace(replace);
  error.Update(inner.error);
  replace.inner = TakeMetric(&inner);
  return Metric(std::move(replace), std::move(error));
}

StatusOr<Expression> Parser::ParseVariants() {
  tokens_.Take();
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kLeftParen).status());
  VariantsExpr variants;
  Status error;
  do {
    ASSIGN_OR_RETURN(Expression variant, ParseMetric());
    error.Update(variant.error);
    variants.variants.push_back(TakeMetric(&variant));
  } while (tokens_.Accept(TokenKind::kComma));
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kRightParen, {}).status());
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kOf).status());
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kLeftParen).status());
  ASSIGN_OR_RETURN(variants.of, ParseLogRange());
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kRightParen).status());
  return Metric(std::move(variants), std::move(error));
}

}  // namespace skald::query
