// Selectors, line filters and the stages of a log pipeline.
#include <utility>

#include "query/syntax/grammar.h"
#include "query/syntax/operators.h"
#include "query/syntax/parse_error.h"
#include "query/syntax/pattern_syntax.h"
#include "query/syntax/regexp_syntax.h"
#include "storage/base/strings.h"
#include "storage/model/go_regex.h"

namespace skald::query {

StatusOr<std::vector<Matcher>> Parser::ParseSelector() {
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kLeftBrace).status());
  std::vector<Matcher> matchers;
  if (tokens_.Accept(TokenKind::kRightBrace)) return matchers;
  auto name =
      tokens_.Expect(TokenKind::kIdentifier, {TokenKind::kIdentifier, TokenKind::kRightBrace});
  while (true) {
    RETURN_IF_ERROR(name.status());
    const std::optional<MatchOp> op = MatchOpOf(tokens_.Peek());
    if (!op.has_value()) {
      return tokens_.Unexpected(
          {TokenKind::kEqual, TokenKind::kMatch, TokenKind::kNotMatch, TokenKind::kNotEqual});
    }
    tokens_.Take();
    ASSIGN_OR_RETURN(Token value, tokens_.Expect(TokenKind::kString));
    auto matcher = Matcher::Create(std::move(name->text), *op, std::move(value.text));
    if (!matcher.ok()) return ParseError(Message(matcher.status()));
    matchers.push_back(*std::move(matcher));
    if (tokens_.Accept(TokenKind::kRightBrace)) return matchers;
    RETURN_IF_ERROR(
        tokens_.Expect(TokenKind::kComma, {TokenKind::kRightBrace, TokenKind::kComma}).status());
    name = tokens_.Expect(TokenKind::kIdentifier);
  }
}

StatusOr<LogExpr> Parser::ParseLog() {
  LogExpr log;
  ASSIGN_OR_RETURN(log.matchers, ParseSelector());
  RETURN_IF_ERROR(ParsePipeline(&log.stages, nullptr));
  return log;
}

Status Parser::ParsePipeline(std::vector<Stage>* stages, std::optional<Unwrap>* unwrap) {
  while (true) {
    if (const std::optional<LineFilterOp> op = LineFilterOpOf(tokens_.Peek())) {
      tokens_.Take();
      RETURN_IF_ERROR(ParseLineFilter(*op, stages));
      continue;
    }
    if (!tokens_.Accept(TokenKind::kPipe)) return absl::OkStatus();
    if (unwrap != nullptr && tokens_.At(TokenKind::kUnwrap)) {
      ASSIGN_OR_RETURN(*unwrap, ParseUnwrap());
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(Stage stage, ParseStage());
    stages->push_back(std::move(stage));
  }
}

// The operand list of one operator. `!= "a" or "b"` excludes both, that is, it is two filters.
Status Parser::ParseLineFilter(LineFilterOp op, std::vector<Stage>* stages) {
  LineFilterStage filter{op, {}};
  do {
    ASSIGN_OR_RETURN(LineFilterOperand operand, ParseLineFilterOperand());
    if (IsNegative(op) && !filter.operands.empty()) {
      stages->push_back(std::exchange(filter, LineFilterStage{op, {}}));
    }
    filter.operands.push_back(std::move(operand));
  } while (tokens_.Accept(TokenKind::kOr));
  stages->push_back(std::move(filter));
  return absl::OkStatus();
}

StatusOr<LineFilterOperand> Parser::ParseLineFilterOperand() {
  LineFilterOperand operand;
  operand.is_ip = tokens_.At(TokenKind::kIp);
  if (operand.is_ip) {
    ASSIGN_OR_RETURN(operand.text, ParseIpArgument());
    return operand;
  }
  ASSIGN_OR_RETURN(Token text,
                   tokens_.Expect(TokenKind::kString, {TokenKind::kString, TokenKind::kIp}));
  operand.text = std::move(text.text);
  return operand;
}

// `ip("pattern")`. REQUIRES: at `ip`.
StatusOr<std::string> Parser::ParseIpArgument() {
  tokens_.Take();
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kLeftParen).status());
  ASSIGN_OR_RETURN(Token pattern, tokens_.Expect(TokenKind::kString));
  RETURN_IF_ERROR(tokens_.Expect(TokenKind::kRightParen).status());
  return std::move(pattern.text);
}

// What follows a `|`.
StatusOr<Stage> Parser::ParseStage() {
  switch (tokens_.Peek()) {
    case TokenKind::kJson: {
      tokens_.Take();
      ASSIGN_OR_RETURN(std::vector<Extraction> extractions, ParseExtractions());
      return JsonStage{std::move(extractions)};
    }
    case TokenKind::kLogfmt:
      return ParseLogfmt();
    case TokenKind::kRegexp:
      return ParseRegexp();
    case TokenKind::kPattern:
      return ParsePatternStage();
    case TokenKind::kUnpack:
      tokens_.Take();
      return UnpackStage{};
    case TokenKind::kDecolorize:
      tokens_.Take();
      return DecolorizeStage{};
    case TokenKind::kLineFormat: {
      tokens_.Take();
      ASSIGN_OR_RETURN(Token format, tokens_.Expect(TokenKind::kString));
      return LineFormatStage{std::move(format.text)};
    }
    case TokenKind::kLabelFormat:
      return ParseLabelFormat();
    case TokenKind::kDrop: {
      ASSIGN_OR_RETURN(std::vector<NamedLabel> labels, ParseNamedLabels());
      return DropStage{std::move(labels)};
    }
    case TokenKind::kKeep: {
      ASSIGN_OR_RETURN(std::vector<NamedLabel> labels, ParseNamedLabels());
      return KeepStage{std::move(labels)};
    }
    case TokenKind::kIdentifier:
    case TokenKind::kLeftParen: {
      ASSIGN_OR_RETURN(LabelCondition condition, ParseLabelFilter());
      return LabelFilterStage{std::move(condition)};
    }
    default:
      return tokens_.Unexpected();
  }
}

// `a="x", b`; possibly nothing at all.
StatusOr<std::vector<Extraction>> Parser::ParseExtractions() {
  std::vector<Extraction> extractions;
  if (!tokens_.At(TokenKind::kIdentifier)) return extractions;
  do {
    ASSIGN_OR_RETURN(Token name, tokens_.Expect(TokenKind::kIdentifier));
    Extraction extraction{name.text, name.text};
    if (tokens_.Accept(TokenKind::kEqual)) {
      ASSIGN_OR_RETURN(Token expression, tokens_.Expect(TokenKind::kString));
      extraction.expression = std::move(expression.text);
    }
    extractions.push_back(std::move(extraction));
  } while (tokens_.Accept(TokenKind::kComma));
  return extractions;
}

StatusOr<Stage> Parser::ParseLogfmt() {
  tokens_.Take();
  LogfmtStage stage;
  while (tokens_.At(TokenKind::kFlag)) {
    (tokens_.Take().text == "strict" ? stage.strict : stage.keep_empty) = true;
  }
  ASSIGN_OR_RETURN(stage.extractions, ParseExtractions());
  return stage;
}

StatusOr<Stage> Parser::ParseRegexp() {
  tokens_.Take();
  ASSIGN_OR_RETURN(Token pattern, tokens_.Expect(TokenKind::kString));
  const Status valid = CheckRegexpPattern(pattern.text);
  if (!valid.ok()) return ParseError(StrCat("invalid regexp parser: ", Message(valid)));
  return RegexpStage{std::move(pattern.text)};
}

StatusOr<Stage> Parser::ParsePatternStage() {
  tokens_.Take();
  ASSIGN_OR_RETURN(Token pattern, tokens_.Expect(TokenKind::kString));
  const Status valid = ParsePattern(pattern.text).status();
  if (!valid.ok()) return ParseError(StrCat("invalid pattern parser: ", Message(valid)));
  return PatternStage{std::move(pattern.text)};
}

StatusOr<Stage> Parser::ParseLabelFormat() {
  tokens_.Take();
  LabelFormatStage stage;
  do {
    ASSIGN_OR_RETURN(Token target, tokens_.Expect(TokenKind::kIdentifier));
    RETURN_IF_ERROR(tokens_.Expect(TokenKind::kEqual).status());
    const bool is_rename = tokens_.At(TokenKind::kIdentifier);
    if (!is_rename && !tokens_.At(TokenKind::kString)) {
      return tokens_.Unexpected({TokenKind::kIdentifier, TokenKind::kString});
    }
    stage.formats.push_back({std::move(target.text), tokens_.Take().text, is_rename});
  } while (tokens_.Accept(TokenKind::kComma));
  return stage;
}

// The list after drop or keep, which is taken too.
StatusOr<std::vector<NamedLabel>> Parser::ParseNamedLabels() {
  tokens_.Take();
  std::vector<NamedLabel> labels;
  do {
    ASSIGN_OR_RETURN(NamedLabel label, ParseNamedLabel());
    labels.push_back(std::move(label));
  } while (tokens_.Accept(TokenKind::kComma));
  return labels;
}

StatusOr<NamedLabel> Parser::ParseNamedLabel() {
  ASSIGN_OR_RETURN(Token name, tokens_.Expect(TokenKind::kIdentifier));
  NamedLabel label{std::move(name.text), std::nullopt};
  if (const std::optional<MatchOp> op = MatchOpOf(tokens_.Peek())) {
    tokens_.Take();
    ASSIGN_OR_RETURN(label.condition, ParseStringCondition(label.name, *op));
  }
  return label;
}

// The value of a condition whose operator has been read.
StatusOr<StringCondition> Parser::ParseStringCondition(std::string name, MatchOp op) {
  ASSIGN_OR_RETURN(Token value, tokens_.Expect(TokenKind::kString));
  if (op == MatchOp::kRegex || op == MatchOp::kNotRegex) {
    const Status valid = CompileGoRegex(value.text).status();
    if (!valid.ok()) return ParseError(Message(valid));
  }
  return StringCondition{std::move(name), op, std::move(value.text)};
}

}  // namespace skald::query
