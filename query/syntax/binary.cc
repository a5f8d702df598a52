// Binary expressions: what operands they take, and the folding of literals.
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "query/syntax/grammar.h"
#include "query/syntax/operators.h"
#include "storage/base/go_number.h"
#include "storage/base/strings.h"

namespace skald::query {
namespace {

const LiteralExpr* LiteralOf(const Expression& expression) {
  const MetricExpr* metric = expression.metric();
  return metric == nullptr ? nullptr : std::get_if<LiteralExpr>(&metric->node);
}

// Loki's name for the type of an expression that cannot be an operand.
std::string_view TypeName(const Expression& expression) {
  const LogExpr* log = std::get_if<LogExpr>(&expression.node);
  if (log == nullptr) return "*syntax.MultiVariantExpr";
  return log->stages.empty() ? "*syntax.MatchersExpr" : "*syntax.PipelineExpr";
}

Status CheckType(BinaryOp op, std::string_view side, const Expression& operand) {
  if (operand.is_plain_metric()) return absl::OkStatus();
  return InvalidArgument(StrCat("unexpected type for ", side, " leg of binary operation (",
                                OpText(op), "): ", TypeName(operand)));
}

// As Go's %f.
std::string Fixed(double value) {
  if (std::isfinite(value)) return absl::StrFormat("%f", value);
  return FormatGoFloat(value, 'g');
}

Status CheckNotLiteral(BinaryOp op, std::string_view side, const Expression& operand) {
  const LiteralExpr* literal = LiteralOf(operand);
  if (literal == nullptr) return absl::OkStatus();
  return InvalidArgument(StrCat("unexpected literal for ", side,
                                " leg of logical/set binary operation (", OpText(op),
                                "): ", Fixed(literal->value)));
}

// The fault of the operation itself.
Status CheckOperands(BinaryOp op, const Expression& left, const Expression& right) {
  RETURN_IF_ERROR(CheckType(op, "left", left));
  RETURN_IF_ERROR(CheckType(op, "right", right));
  if (LiteralOf(left) != nullptr) RETURN_IF_ERROR(left.error);
  if (LiteralOf(right) != nullptr) RETURN_IF_ERROR(right.error);
  if (!IsSetOp(op)) return absl::OkStatus();
  RETURN_IF_ERROR(CheckNotLiteral(op, "left", left));
  return CheckNotLiteral(op, "right", right);
}

// An operand that is an expression already reported as wrong may be no metric.
MetricExprPtr TakeMetric(Expression* expression) {
  MetricExprPtr* metric = std::get_if<MetricExprPtr>(&expression->node);
  if (metric != nullptr) return std::move(*metric);
  return std::make_unique<MetricExpr>(MetricExpr{LiteralExpr{0}});
}

}  // namespace

Expression MakeBinary(BinaryOp op, BinaryModifier modifier, Expression left, Expression right) {
  Expression result;
  result.error = CheckOperands(op, left, right);
  result.error.Update(left.error);
  result.error.Update(right.error);
  const LiteralExpr* left_literal = LiteralOf(left);
  const LiteralExpr* right_literal = LiteralOf(right);
  if (left_literal != nullptr && right_literal != nullptr && result.error.ok()) {
    const double value = EvaluateScalars(op, left_literal->value, right_literal->value);
    result.node = std::make_unique<MetricExpr>(MetricExpr{LiteralExpr{value}});
    return result;
  }
  result.node = std::make_unique<MetricExpr>(
      MetricExpr{BinaryExpr{op, TakeMetric(&left), TakeMetric(&right), modifier.return_bool,
                            std::move(modifier.matching)}});
  return result;
}

}  // namespace skald::query
