#include "query/syntax/operators.h"

#include <cmath>
#include <iterator>
#include <limits>

namespace skald::query {
namespace {

constexpr std::string_view kLineFilterOps[] = {"|=", "!=", "|~", "!~", "|>", "!>"};
constexpr std::string_view kCompareOps[] = {"==", "!=", ">", ">=", "<", "<="};
constexpr std::string_view kRangeOps[] = {"count_over_time",  "rate",
                                          "rate_counter",     "bytes_over_time",
                                          "bytes_rate",       "avg_over_time",
                                          "sum_over_time",    "min_over_time",
                                          "max_over_time",    "stdvar_over_time",
                                          "stddev_over_time", "quantile_over_time",
                                          "first_over_time",  "last_over_time",
                                          "absent_over_time"};
constexpr std::string_view kVectorOps[] = {"sum",  "avg",    "count",     "max",
                                           "min",  "stddev", "stdvar",    "bottomk",
                                           "topk", "sort",   "sort_desc", "approx_topk"};

struct BinaryOpProperties {
  std::string_view text;
  TokenKind token;
  int precedence;
};
// In the order of BinaryOp.
constexpr BinaryOpProperties kBinaryOps[] = {
    {"or", TokenKind::kOr, 1},
    {"and", TokenKind::kAnd, 2},
    {"unless", TokenKind::kUnless, 2},
    {"==", TokenKind::kCompareEqual, 3},
    {"!=", TokenKind::kNotEqual, 3},
    {">", TokenKind::kGreater, 3},
    {">=", TokenKind::kGreaterOrEqual, 3},
    {"<", TokenKind::kLess, 3},
    {"<=", TokenKind::kLessOrEqual, 3},
    {"+", TokenKind::kAdd, 4},
    {"-", TokenKind::kSub, 4},
    {"*", TokenKind::kMul, 5},
    {"/", TokenKind::kDiv, 5},
    {"%", TokenKind::kMod, 5},
    {"^", TokenKind::kPow, 6},
};

const BinaryOpProperties& PropertiesOf(BinaryOp op) { return kBinaryOps[static_cast<size_t>(op)]; }

}  // namespace

std::string_view OpText(LineFilterOp op) { return kLineFilterOps[static_cast<size_t>(op)]; }
std::string_view OpText(CompareOp op) { return kCompareOps[static_cast<size_t>(op)]; }
std::string_view OpText(RangeOp op) { return kRangeOps[static_cast<size_t>(op)]; }
std::string_view OpText(VectorOp op) { return kVectorOps[static_cast<size_t>(op)]; }
std::string_view OpText(BinaryOp op) { return PropertiesOf(op).text; }

std::string_view OpText(UnwrapConversion conversion) {
  constexpr std::string_view kConversions[] = {"", "bytes", "duration", "duration_seconds"};
  return kConversions[static_cast<size_t>(conversion)];
}

std::optional<LineFilterOp> LineFilterOpOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kPipeExact:
      return LineFilterOp::kContains;
    case TokenKind::kNotEqual:
      return LineFilterOp::kNotContains;
    case TokenKind::kPipeMatch:
      return LineFilterOp::kRegex;
    case TokenKind::kNotMatch:
      return LineFilterOp::kNotRegex;
    case TokenKind::kPipePattern:
      return LineFilterOp::kPattern;
    case TokenKind::kNotPipePattern:
      return LineFilterOp::kNotPattern;
    default:
      return std::nullopt;
  }
}

std::optional<MatchOp> MatchOpOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEqual:
      return MatchOp::kEqual;
    case TokenKind::kNotEqual:
      return MatchOp::kNotEqual;
    case TokenKind::kMatch:
      return MatchOp::kRegex;
    case TokenKind::kNotMatch:
      return MatchOp::kNotRegex;
    default:
      return std::nullopt;
  }
}

std::optional<CompareOp> CompareOpOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEqual:
    case TokenKind::kCompareEqual:
      return CompareOp::kEqual;
    case TokenKind::kNotEqual:
      return CompareOp::kNotEqual;
    case TokenKind::kGreater:
      return CompareOp::kGreater;
    case TokenKind::kGreaterOrEqual:
      return CompareOp::kGreaterOrEqual;
    case TokenKind::kLess:
      return CompareOp::kLess;
    case TokenKind::kLessOrEqual:
      return CompareOp::kLessOrEqual;
    default:
      return std::nullopt;
  }
}

std::optional<RangeOp> RangeOpOf(TokenKind kind) {
  if (kind < TokenKind::kCountOverTime || kind > TokenKind::kAbsentOverTime) return std::nullopt;
  return static_cast<RangeOp>(static_cast<int>(kind) - static_cast<int>(TokenKind::kCountOverTime));
}

std::optional<VectorOp> VectorOpOf(TokenKind kind) {
  if (kind < TokenKind::kSum || kind > TokenKind::kApproxTopk) return std::nullopt;
  return static_cast<VectorOp>(static_cast<int>(kind) - static_cast<int>(TokenKind::kSum));
}

std::optional<BinaryOp> BinaryOpOf(TokenKind kind) {
  for (size_t i = 0; i < std::size(kBinaryOps); ++i) {
    if (kBinaryOps[i].token == kind) return static_cast<BinaryOp>(i);
  }
  return std::nullopt;
}

std::optional<UnwrapConversion> UnwrapConversionOf(TokenKind kind) {
  switch (kind) {
    case TokenKind::kBytesConv:
      return UnwrapConversion::kBytes;
    case TokenKind::kDurationConv:
      return UnwrapConversion::kDuration;
    case TokenKind::kDurationSecondsConv:
      return UnwrapConversion::kDurationSeconds;
    default:
      return std::nullopt;
  }
}

int PrecedenceOf(BinaryOp op) { return PropertiesOf(op).precedence; }
bool IsRightAssociative(BinaryOp op) { return op == BinaryOp::kPow; }
bool IsSetOp(BinaryOp op) { return op <= BinaryOp::kUnless; }
bool IsComparison(BinaryOp op) { return op >= BinaryOp::kEqual && op <= BinaryOp::kLessOrEqual; }

bool IsNegative(LineFilterOp op) {
  return op == LineFilterOp::kNotContains || op == LineFilterOp::kNotRegex ||
         op == LineFilterOp::kNotPattern;
}

bool TakesCount(VectorOp op) {
  return op == VectorOp::kTopk || op == VectorOp::kBottomk || op == VectorOp::kApproxTopk;
}

double EvaluateScalars(BinaryOp op, double left, double right) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  switch (op) {
    case BinaryOp::kEqual:
      return left == right ? 1 : 0;
    case BinaryOp::kNotEqual:
      return left != right ? 1 : 0;
    case BinaryOp::kGreater:
      return left > right ? 1 : 0;
    case BinaryOp::kGreaterOrEqual:
      return left >= right ? 1 : 0;
    case BinaryOp::kLess:
      return left < right ? 1 : 0;
    case BinaryOp::kLessOrEqual:
      return left <= right ? 1 : 0;
    case BinaryOp::kAdd:
      return left + right;
    case BinaryOp::kSub:
      return left - right;
    case BinaryOp::kMul:
      return left * right;
    case BinaryOp::kDiv:
      return right == 0 ? kNan : left / right;
    case BinaryOp::kMod:
      return right == 0 ? kNan : std::fmod(left, right);
    case BinaryOp::kPow:
      return std::pow(left, right);
    case BinaryOp::kOr:
    case BinaryOp::kAnd:
    case BinaryOp::kUnless:
      break;
  }
  return kNan;
}

}  // namespace skald::query
