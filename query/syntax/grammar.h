// The recursive-descent parser of LogQL, internal to this folder. Its parts are in parse_log.cc
// (selectors and stages), parse_label_filter.cc, parse_range.cc (ranges and unwrap) and
// parse_metric.cc (everything above a range).
//
// Three sorts of errors, in the order in which they win: what stops the parser (lexer and syntax
// errors, and regexes and patterns that do not compile, which are tried as they are read); what
// Loki finds when it checks an expression that is complete (Expression::error); and a selector that
// selects everything.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "query/syntax/ast.h"
#include "query/syntax/token_stream.h"
#include "storage/base/status.h"

namespace skald::query {

// Parentheses, calls and operators may nest this deep.
inline constexpr int kMaxNesting = 500;
// Binary operators and connectives in one query; it bounds the depth of the tree that a flat chain
// of them makes.
inline constexpr int kMaxOperators = 2000;

// Any complete expression.
struct Expression {
  std::variant<LogExpr, MetricExprPtr> node;
  // What is wrong with it although its syntax is right. An expression's own fault comes before
  // those of its parts, and those in their order.
  Status error;

  const MetricExpr* metric() const {
    const MetricExprPtr* expr = std::get_if<MetricExprPtr>(&node);
    return expr == nullptr ? nullptr : expr->get();
  }
  // True if it can be an argument: not a log query, not variants(…).
  bool is_plain_metric() const {
    return metric() != nullptr && !std::holds_alternative<VariantsExpr>(metric()->node);
  }
};

// What stands between a binary operator and its right side.
struct BinaryModifier {
  bool return_bool = false;
  std::optional<VectorMatching> matching;
};

// Joins two expressions, folding literals. The result's error says what Loki holds against the
// operands' types.
Expression MakeBinary(BinaryOp op, BinaryModifier modifier, Expression left, Expression right);

// Threads: externally synchronised; used for one text.
class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(text) {}

  // Parses the whole text.
  StatusOr<Expression> ParseAll();

 private:
  // Counts one level of nesting for as long as it lives.
  class Nesting {
   public:
    explicit Nesting(Parser* parser) : parser_(parser) { ++parser_->nesting_; }
    ~Nesting() { --parser_->nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    // An error if the limit is passed.
    Status Check() const;

   private:
    Parser* parser_;
  };
  Status CountOperator();

  // Log expressions.
  StatusOr<std::vector<Matcher>> ParseSelector();
  StatusOr<LogExpr> ParseLog();
  // Appends stages for as long as they come. Where `unwrap` is given, one may end the pipeline.
  Status ParsePipeline(std::vector<Stage>* stages, std::optional<Unwrap>* unwrap);
  Status ParseLineFilter(LineFilterOp op, std::vector<Stage>* stages);
  StatusOr<LineFilterOperand> ParseLineFilterOperand();
  StatusOr<std::string> ParseIpArgument();
  StatusOr<Stage> ParseStage();
  StatusOr<std::vector<Extraction>> ParseExtractions();
  StatusOr<Stage> ParseLogfmt();
  StatusOr<Stage> ParseRegexp();
  StatusOr<Stage> ParsePatternStage();
  StatusOr<Stage> ParseLabelFormat();
  StatusOr<std::vector<NamedLabel>> ParseNamedLabels();
  StatusOr<NamedLabel> ParseNamedLabel();
  StatusOr<StringCondition> ParseStringCondition(std::string name, MatchOp op);

  // Label filters. `min_precedence`: 0 any connective, 1 `or` and up, 2 `and`.
  StatusOr<LabelCondition> ParseLabelFilter(int min_precedence = 0);
  StatusOr<LabelCondition> ParseLabelFilterOperand();
  StatusOr<LabelCondition> ParseComparison(std::string name);
  StatusOr<LabelCondition> ParseQuantity(std::string name, CompareOp op);

  // Ranges.
  StatusOr<LogRange> ParseLogRange();
  StatusOr<LogRange> ParseParenthesisedRange();
  // The parts from the selector to the range or, where false is returned, to where it should be.
  StatusOr<bool> ParseLogAndRange(LogRange* range);
  Status ParseRangeAndOffset(LogRange* range);
  StatusOr<Unwrap> ParseUnwrap();

  // Expressions.
  StatusOr<Expression> ParseExpression(int min_precedence);
  StatusOr<Expression> ParseBinary(Expression left, int min_precedence);
  StatusOr<Expression> ParseOperand();
  StatusOr<Expression> ParseParenthesised();
  // An expression that must be a plain metric, else the token behind it is unexpected.
  StatusOr<Expression> ParseMetric();
  StatusOr<Expression> RequireMetric(Expression expression);
  StatusOr<BinaryModifier> ParseModifier();
  StatusOr<Expression> ParseLiteral();
  static Expression MakeLiteral(std::string_view text, bool negative);
  StatusOr<Expression> ParseRangeAggregation(RangeOp op);
  StatusOr<Expression> ParseVectorAggregation(VectorOp op);
  StatusOr<Expression> ParseAggregationArguments(std::optional<std::string>* parameter);
  StatusOr<Expression> ParseVector();
  StatusOr<Expression> ParseLabelReplace();
  StatusOr<Expression> ParseVariants();
  bool AtGrouping();
  StatusOr<Grouping> ParseGrouping();
  StatusOr<std::vector<std::string>> ParseLabelList();

  TokenStream tokens_;
  int nesting_ = 0;
  int operators_ = 0;
};

}  // namespace skald::query
