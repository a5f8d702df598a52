// Log expressions over a range: `{…} | stage [5m] offset 1h`, `{…}[5m] | stage | unwrap x`.
#include <utility>

#include "query/syntax/grammar.h"
#include "query/syntax/operators.h"

namespace skald::query {

StatusOr<LogRange> Parser::ParseLogRange() {
  if (tokens_.At(TokenKind::kLeftParen)) return ParseParenthesisedRange();
  LogRange range;
  ASSIGN_OR_RETURN(const bool complete, ParseLogAndRange(&range));
  if (complete) return range;
  return range.unwrap.has_value() ? tokens_.Unexpected({TokenKind::kRange, TokenKind::kPipe})
                                  : tokens_.Unexpected();
}

// Parentheses around a whole range, or around the log expression in front of one.
StatusOr<LogRange> Parser::ParseParenthesisedRange() {
  const Nesting nesting(this);
  RETURN_IF_ERROR(nesting.Check());
  tokens_.Take();
  LogRange range;
  bool complete = true;
  if (tokens_.At(TokenKind::kLeftParen)) {
    ASSIGN_OR_RETURN(range, ParseParenthesisedRange());
  } else {
    ASSIGN_OR_RETURN(complete, ParseLogAndRange(&range));
  }
  if (complete) {
    RETURN_IF_ERROR(tokens_.Expect(TokenKind::kRightParen).status());
    return range;
  }
  if (!tokens_.Accept(TokenKind::kRightParen)) {
    return range.unwrap.has_value()
               ? tokens_.Unexpected({TokenKind::kRange, TokenKind::kRightParen, TokenKind::kPipe})
               : tokens_.Unexpected();
  }
  if (!tokens_.At(TokenKind::kRange)) return tokens_.Unexpected({TokenKind::kRange});
  RETURN_IF_ERROR(ParseRangeAndOffset(&range));
  const bool bare = range.log.stages.empty() && !range.unwrap.has_value();
  if (bare && tokens_.Accept(TokenKind::kPipe)) {
    if (!tokens_.At(TokenKind::kUnwrap)) return tokens_.Unexpected({TokenKind::kUnwrap});
    ASSIGN_OR_RETURN(range.unwrap, ParseUnwrap());
  }
  return range;
}

StatusOr<bool> Parser::ParseLogAndRange(LogRange* range) {
  if (!tokens_.At(TokenKind::kLeftBrace)) {
    return tokens_.Unexpected({TokenKind::kLeftBrace, TokenKind::kLeftParen});
  }
  ASSIGN_OR_RETURN(range->log.matchers, ParseSelector());
  const bool range_first = tokens_.At(TokenKind::kRange);
  if (range_first) RETURN_IF_ERROR(ParseRangeAndOffset(range));
  RETURN_IF_ERROR(ParsePipeline(&range->log.stages, &range->unwrap));
  if (range_first) return true;
  if (!tokens_.At(TokenKind::kRange)) return false;
  RETURN_IF_ERROR(ParseRangeAndOffset(range));
  return true;
}

// REQUIRES: at a range.
Status Parser::ParseRangeAndOffset(LogRange* range) {
  range->range_nanos = tokens_.Take().nanos;
  if (tokens_.Accept(TokenKind::kOffset)) {
    ASSIGN_OR_RETURN(const Token offset, tokens_.Expect(TokenKind::kDuration));
    range->offset_nanos = offset.nanos;
  }
  return absl::OkStatus();
}

// REQUIRES: at `unwrap`. Only label filters may follow.
StatusOr<Unwrap> Parser::ParseUnwrap() {
  tokens_.Take();
  Unwrap unwrap;
  if (const std::optional<UnwrapConversion> conversion = UnwrapConversionOf(tokens_.Peek())) {
    unwrap.conversion = *conversion;
    tokens_.Take();
    RETURN_IF_ERROR(tokens_.Expect(TokenKind::kLeftParen).status());
    ASSIGN_OR_RETURN(Token label, tokens_.Expect(TokenKind::kIdentifier));
    unwrap.label = std::move(label.text);
    RETURN_IF_ERROR(tokens_.Expect(TokenKind::kRightParen).status());
  } else {
    ASSIGN_OR_RETURN(Token label,
                     tokens_.Expect(TokenKind::kIdentifier,
                                    {TokenKind::kIdentifier, TokenKind::kBytesConv,
                                     TokenKind::kDurationConv, TokenKind::kDurationSecondsConv}));
    unwrap.label = std::move(label.text);
  }
  while (tokens_.Accept(TokenKind::kPipe)) {
    ASSIGN_OR_RETURN(LabelCondition filter, ParseLabelFilter());
    unwrap.filters.push_back(std::move(filter));
  }
  return unwrap;
}

}  // namespace skald::query
