// The spellings, tokens and properties of LogQL's operators and functions.
#pragma once

#include <optional>
#include <string_view>

#include "query/syntax/ast.h"
#include "query/syntax/token.h"

namespace skald::query {

// As they are written: "|=", ">=", "rate", "topk", "unless".
std::string_view OpText(LineFilterOp op);
std::string_view OpText(CompareOp op);
std::string_view OpText(RangeOp op);
std::string_view OpText(VectorOp op);
std::string_view OpText(BinaryOp op);
// "bytes", "duration", "duration_seconds"; empty for kNone.
std::string_view OpText(UnwrapConversion conversion);

// The operator that a token is, if it is one.
std::optional<LineFilterOp> LineFilterOpOf(TokenKind kind);
std::optional<MatchOp> MatchOpOf(TokenKind kind);
// `=` compares for equality as `==` does.
std::optional<CompareOp> CompareOpOf(TokenKind kind);
std::optional<RangeOp> RangeOpOf(TokenKind kind);
std::optional<VectorOp> VectorOpOf(TokenKind kind);
std::optional<BinaryOp> BinaryOpOf(TokenKind kind);
std::optional<UnwrapConversion> UnwrapConversionOf(TokenKind kind);

// Higher binds tighter, from 1 for `or` to 6 for `^`.
int PrecedenceOf(BinaryOp op);
bool IsRightAssociative(BinaryOp op);
// or, and, unless.
bool IsSetOp(BinaryOp op);
bool IsComparison(BinaryOp op);
// `!=`, `!~`, `!>`: operators of a line filter that exclude.
bool IsNegative(LineFilterOp op);
// topk, bottomk, approx_topk.
bool TakesCount(VectorOp op);

// `left op right` for two numbers: comparisons give 1 or 0, division and modulo by 0 NaN, as do set
// operators, which take no numbers.
double EvaluateScalars(BinaryOp op, double left, double right);

}  // namespace skald::query
