#include "query/syntax/token.h"

#include "absl/strings/ascii.h"
#include "storage/base/strings.h"

namespace skald::query {
namespace {

struct TokenSpelling {
  TokenKind kind;
  std::string_view name;  // in messages
  std::string_view word;  // of keywords; empty for the rest
};

// In the order of TokenKind.
constexpr TokenSpelling kSpellings[] = {
    {TokenKind::kError, "error", ""},
    {TokenKind::kEnd, "$end", ""},
    {TokenKind::kIdentifier, "IDENTIFIER", ""},
    {TokenKind::kString, "STRING", ""},
    {TokenKind::kNumber, "NUMBER", ""},
    {TokenKind::kDuration, "DURATION", ""},
    {TokenKind::kBytes, "BYTES", ""},
    {TokenKind::kRange, "RANGE", ""},
    {TokenKind::kFlag, "FUNCTION_FLAG", ""},
    {TokenKind::kComma, ",", ""},
    {TokenKind::kDot, ".", ""},
    {TokenKind::kLeftBrace, "{", ""},
    {TokenKind::kRightBrace, "}", ""},
    {TokenKind::kLeftParen, "(", ""},
    {TokenKind::kRightParen, ")", ""},
    {TokenKind::kLeftBracket, "[", ""},
    {TokenKind::kRightBracket, "]", ""},
    {TokenKind::kPipe, "|", ""},
    {TokenKind::kPipeExact, "|=", ""},
    {TokenKind::kPipeMatch, "|~", ""},
    {TokenKind::kPipePattern, "|>", ""},
    {TokenKind::kNotPipePattern, "!>", ""},
    {TokenKind::kEqual, "=", ""},
    {TokenKind::kNotEqual, "!=", ""},
    {TokenKind::kMatch, "=~", ""},
    {TokenKind::kNotMatch, "!~", ""},
    {TokenKind::kCompareEqual, "==", ""},
    {TokenKind::kGreater, ">", ""},
    {TokenKind::kGreaterOrEqual, ">=", ""},
    {TokenKind::kLess, "<", ""},
    {TokenKind::kLessOrEqual, "<=", ""},
    {TokenKind::kAdd, "+", ""},
    {TokenKind::kSub, "-", ""},
    {TokenKind::kMul, "*", ""},
    {TokenKind::kDiv, "/", ""},
    {TokenKind::kMod, "%", ""},
    {TokenKind::kPow, "^", ""},
    {TokenKind::kBy, "by", "by"},
    {TokenKind::kWithout, "without", "without"},
    {TokenKind::kBool, "bool", "bool"},
    {TokenKind::kOn, "on", "on"},
    {TokenKind::kIgnoring, "ignoring", "ignoring"},
    {TokenKind::kGroupLeft, "group_left", "group_left"},
    {TokenKind::kGroupRight, "group_right", "group_right"},
    {TokenKind::kOffset, "offset", "offset"},
    {TokenKind::kOr, "or", "or"},
    {TokenKind::kAnd, "and", "and"},
    {TokenKind::kUnless, "unless", "unless"},
    {TokenKind::kJson, "json", "json"},
    {TokenKind::kRegexp, "regexp", "regexp"},
    {TokenKind::kLogfmt, "logfmt", "logfmt"},
    {TokenKind::kUnpack, "unpack", "unpack"},
    {TokenKind::kPattern, "pattern", "pattern"},
    {TokenKind::kLabelFormat, "label_format", "label_format"},
    {TokenKind::kLineFormat, "line_format", "line_format"},
    {TokenKind::kUnwrap, "unwrap", "unwrap"},
    {TokenKind::kDecolorize, "decolorize", "decolorize"},
    {TokenKind::kDrop, "drop", "drop"},
    {TokenKind::kKeep, "keep", "keep"},
    {TokenKind::kVariants, "variants", "variants"},
    {TokenKind::kOf, "of", "of"},
    {TokenKind::kCountOverTime, "COUNT_OVER_TIME", "count_over_time"},
    {TokenKind::kRate, "RATE", "rate"},
    {TokenKind::kRateCounter, "RATE_COUNTER", "rate_counter"},
    {TokenKind::kBytesOverTime, "BYTES_OVER_TIME", "bytes_over_time"},
    {TokenKind::kBytesRate, "BYTES_RATE", "bytes_rate"},
    {TokenKind::kAvgOverTime, "AVG_OVER_TIME", "avg_over_time"},
    {TokenKind::kSumOverTime, "SUM_OVER_TIME", "sum_over_time"},
    {TokenKind::kMinOverTime, "MIN_OVER_TIME", "min_over_time"},
    {TokenKind::kMaxOverTime, "MAX_OVER_TIME", "max_over_time"},
    {TokenKind::kStdvarOverTime, "STDVAR_OVER_TIME", "stdvar_over_time"},
    {TokenKind::kStddevOverTime, "STDDEV_OVER_TIME", "stddev_over_time"},
    {TokenKind::kQuantileOverTime, "QUANTILE_OVER_TIME", "quantile_over_time"},
    {TokenKind::kFirstOverTime, "FIRST_OVER_TIME", "first_over_time"},
    {TokenKind::kLastOverTime, "LAST_OVER_TIME", "last_over_time"},
    {TokenKind::kAbsentOverTime, "ABSENT_OVER_TIME", "absent_over_time"},
    {TokenKind::kSum, "SUM", "sum"},
    {TokenKind::kAvg, "AVG", "avg"},
    {TokenKind::kCount, "COUNT", "count"},
    {TokenKind::kMax, "MAX", "max"},
    {TokenKind::kMin, "MIN", "min"},
    {TokenKind::kStddev, "STDDEV", "stddev"},
    {TokenKind::kStdvar, "STDVAR", "stdvar"},
    {TokenKind::kBottomk, "BOTTOMK", "bottomk"},
    {TokenKind::kTopk, "TOPK", "topk"},
    {TokenKind::kSort, "SORT", "sort"},
    {TokenKind::kSortDesc, "SORT_DESC", "sort_desc"},
    {TokenKind::kApproxTopk, "APPROX_TOPK", "approx_topk"},
    {TokenKind::kVector, "VECTOR", "vector"},
    {TokenKind::kLabelReplace, "label_replace", "label_replace"},
    {TokenKind::kBytesConv, "BYTES_CONV", "bytes"},
    {TokenKind::kDurationConv, "DURATION_CONV", "duration"},
    {TokenKind::kDurationSecondsConv, "DURATION_SECONDS_CONV", "duration_seconds"},
    {TokenKind::kIp, "ip", "ip"},
};

constexpr bool InEnumOrder() {
  int index = 0;
  for (const TokenSpelling& spelling : kSpellings) {
    if (static_cast<int>(spelling.kind) != index++) return false;
  }
  return true;
}
static_assert(InEnumOrder());

StringMap<Keyword> MakeKeywords() {
  StringMap<Keyword> keywords;
  for (const TokenSpelling& spelling : kSpellings) {
    if (spelling.word.empty()) continue;
    const bool is_function = spelling.kind >= TokenKind::kCountOverTime;
    keywords.emplace(spelling.word, Keyword{spelling.kind, is_function});
  }
  return keywords;
}

}  // namespace

std::string_view TokenName(TokenKind kind) { return kSpellings[static_cast<size_t>(kind)].name; }

const Keyword* FindKeyword(std::string_view word) {
  static const auto& keywords = *new StringMap<Keyword>(MakeKeywords());
  const auto it = keywords.find(absl::AsciiStrToLower(ToAbsl(word)));
  return it == keywords.end() ? nullptr : &it->second;
}

}  // namespace skald::query
