// Tokens of LogQL and the names under which error messages show them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace skald::query {

// The range functions and the vector operators stand in the order of RangeOp and VectorOp.
enum class TokenKind {
  kError,  // the text could not be read further
  kEnd,
  kIdentifier,
  kString,
  kNumber,
  kDuration,
  kBytes,
  kRange,
  kFlag,  // --strict, --keep-empty
  // Punctuation.
  kComma,
  kDot,
  kLeftBrace,
  kRightBrace,
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kPipe,
  kPipeExact,       // |=
  kPipeMatch,       // |~
  kPipePattern,     // |>
  kNotPipePattern,  // !>
  kEqual,           // =
  kNotEqual,        // !=
  kMatch,           // =~
  kNotMatch,        // !~
  kCompareEqual,    // ==
  kGreater,
  kGreaterOrEqual,
  kLess,
  kLessOrEqual,
  kAdd,
  kSub,
  kMul,
  kDiv,
  kMod,
  kPow,
  // Reserved words: never a label's name.
  kBy,
  kWithout,
  kBool,
  kOn,
  kIgnoring,
  kGroupLeft,
  kGroupRight,
  kOffset,
  kOr,
  kAnd,
  kUnless,
  kJson,
  kRegexp,
  kLogfmt,
  kUnpack,
  kPattern,
  kLabelFormat,
  kLineFormat,
  kUnwrap,
  kDecolorize,
  kDrop,
  kKeep,
  kVariants,
  kOf,
  // Functions: words that are identifiers unless a parenthesis follows.
  kCountOverTime,
  kRate,
  kRateCounter,
  kBytesOverTime,
  kBytesRate,
  kAvgOverTime,
  kSumOverTime,
  kMinOverTime,
  kMaxOverTime,
  kStdvarOverTime,
  kStddevOverTime,
  kQuantileOverTime,
  kFirstOverTime,
  kLastOverTime,
  kAbsentOverTime,
  kSum,
  kAvg,
  kCount,
  kMax,
  kMin,
  kStddev,
  kStdvar,
  kBottomk,
  kTopk,
  kSort,
  kSortDesc,
  kApproxTopk,
  kVector,
  kLabelReplace,
  kBytesConv,
  kDurationConv,
  kDurationSecondsConv,
  kIp,
};

// A place in the query, counted from 1, columns in runes. As in Loki, line 0 is what a token of
// more than one scanning step reports; line and column 0 mean no place at all.
struct Position {
  int line = 0;
  int column = 0;
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Position position;
  std::string text;   // identifier, decoded string, number as written, or flag
  int64_t nanos = 0;  // duration, range
  uint64_t bytes = 0;
  bool is_stray = false;  // an "identifier" that is none: `@`, `'x'`
};

// How messages name a token: `|=`, `by`, `RATE`, `IDENTIFIER`, `$end`.
std::string_view TokenName(TokenKind kind);

// A word of the language, in lower case.
struct Keyword {
  TokenKind kind;
  bool is_function;
};
// The keyword that `word` is in any letter case, or null.
const Keyword* FindKeyword(std::string_view word);

}  // namespace skald::query
