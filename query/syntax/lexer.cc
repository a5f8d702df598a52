#include "query/syntax/lexer.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "query/syntax/number_scanner.h"
#include "query/syntax/parse_error.h"
#include "query/syntax/string_literal.h"
#include "re2/re2.h"
#include "storage/base/ascii.h"
#include "storage/base/duration.h"
#include "storage/base/strings.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

constexpr std::string_view kByteOrderMark = "\uFEFF";
constexpr std::string_view kBlanks = " \t\r\n";

bool IsBlank(char c) { return kBlanks.find(c) != std::string_view::npos; }

bool MatchesRune(std::string_view rune, const RE2& category) {
  return RE2::FullMatch(re2::StringPiece(rune.data(), rune.size()), category);
}

// True if the rune can begin an identifier or, with `inside`, continue one.
bool IsNameRune(std::string_view rune, bool inside) {
  const char c = rune[0];
  if (rune.size() == 1) {
    return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_' || (inside && IsDigit(c));
  }
  static const RE2& letter = *new RE2("\\pL");
  static const RE2& letter_or_digit = *new RE2("[\\pL\\p{Nd}]");
  return MatchesRune(rune, inside ? letter_or_digit : letter);
}

// The size of the identifier at the front of `text`, 0 if there is none.
size_t NameSize(std::string_view text) {
  size_t size = 0;
  while (size < text.size()) {
    const DecodedRune next = DecodeRune(text.substr(size));
    if (next.invalid || !IsNameRune(text.substr(size, next.size), size > 0)) break;
    size += next.size;
  }
  return size;
}

std::string_view SkipSpace(std::string_view text) {
  static const RE2& wide_space = *new RE2("[\\x{85}\\pZ]");
  while (!text.empty()) {
    const std::string_view rune = text.substr(0, DecodeRune(text).size);
    const bool is_space = rune.size() == 1
                              ? absl::ascii_isspace(static_cast<unsigned char>(rune[0]))
                              : MatchesRune(rune, wide_space);
    if (!is_space) break;
    text.remove_prefix(rune.size());
  }
  return text;
}

// True if what follows a function's name makes it a call: `(`, or `by`/`without` and `(`.
bool IsCall(std::string_view rest) {
  rest = SkipSpace(rest);
  if (rest.starts_with('(')) return true;
  const std::string_view word = rest.substr(0, NameSize(rest));
  if (!absl::EqualsIgnoreCase(ToAbsl(word), "by") &&
      !absl::EqualsIgnoreCase(ToAbsl(word), "without")) {
    return false;
  }
  return SkipSpace(rest.substr(word.size())).starts_with('(');
}

struct Operator {
  std::string_view text;
  TokenKind kind;
};
// Longer ones first.
constexpr Operator kOperators[] = {
    {"|=", TokenKind::kPipeExact},
    {"|~", TokenKind::kPipeMatch},
    {"|>", TokenKind::kPipePattern},
    {"!=", TokenKind::kNotEqual},
    {"!~", TokenKind::kNotMatch},
    {"!>", TokenKind::kNotPipePattern},
    {"=~", TokenKind::kMatch},
    {"==", TokenKind::kCompareEqual},
    {">=", TokenKind::kGreaterOrEqual},
    {"<=", TokenKind::kLessOrEqual},
    {"|", TokenKind::kPipe},
    {"=", TokenKind::kEqual},
    {">", TokenKind::kGreater},
    {"<", TokenKind::kLess},
    {",", TokenKind::kComma},
    {".", TokenKind::kDot},
    {"{", TokenKind::kLeftBrace},
    {"}", TokenKind::kRightBrace},
    {"(", TokenKind::kLeftParen},
    {")", TokenKind::kRightParen},
    {"]", TokenKind::kRightBracket},
    {"+", TokenKind::kAdd},
    {"-", TokenKind::kSub},
    {"*", TokenKind::kMul},
    {"/", TokenKind::kDiv},
    {"%", TokenKind::kMod},
    {"^", TokenKind::kPow},
};

}  // namespace

Lexer::Lexer(std::string_view text)
    : text_(text), bad_offset_(std::min(ValidUtf8Prefix(text_), text_.find('\0'))) {}

void Lexer::Advance(size_t size) {
  for (const size_t end = std::min(offset_ + size, text_.size()); offset_ < end; ++offset_) {
    const auto byte = static_cast<unsigned char>(text_[offset_]);
    if (byte == '\n') {
      ++line_;
      column_ = 1;
    } else if ((byte & 0xC0) != 0x80) {  // not inside a rune
      ++column_;
    }
  }
}

Status Lexer::BadByte(Position position) const {
  if (offset_ < bad_offset_ || bad_offset_ >= text_.size()) return absl::OkStatus();
  return ParseErrorAt(
      position, text_[bad_offset_] == '\0' ? "invalid character NUL" : "invalid UTF-8 encoding");
}

Token Lexer::Take(TokenKind kind, size_t size, bool several_steps) {
  Token token;
  token.kind = kind;
  token.position = {several_steps ? 0 : line_, column_};
  last_column_ = column_;
  Advance(size);
  return token;
}

Token Lexer::TakeStray(size_t size) {
  Token token = Take(TokenKind::kIdentifier, size);
  token.is_stray = true;
  return token;
}

StatusOr<Token> Lexer::Next() {
  if (text_.empty()) return Token{};  // an end without a place
  if (offset_ == 0 && StartsWith(kByteOrderMark)) Advance(kByteOrderMark.size());
  RETURN_IF_ERROR(SkipBlanks());
  RETURN_IF_ERROR(BadByte({0, last_column_}));
  const Position begin = Here();
  StatusOr<Token> token = ReadToken();
  // The scanner reads one character ahead, so a bad one right behind a token is that token's.
  RETURN_IF_ERROR(BadByte(token.ok() ? token->position : begin));
  return token;
}

Status Lexer::SkipBlanks() {
  while (offset_ < text_.size()) {
    if (IsBlank(text_[offset_])) {
      Advance(1);
    } else if (StartsWith("#") || StartsWith("//")) {
      const Position begin = Here();
      Advance(std::min(Rest().find('\n'), Rest().size()));
      RETURN_IF_ERROR(BadByte(begin));
    } else if (StartsWith("/*")) {
      RETURN_IF_ERROR(SkipBlockComment());
    } else {
      break;
    }
  }
  return absl::OkStatus();
}

Status Lexer::SkipBlockComment() {
  const Position begin = Here();
  const size_t end = text_.find("*/", offset_ + 2);
  Advance(std::min(end, text_.size()) + 2 - offset_);
  RETURN_IF_ERROR(BadByte(begin));
  if (end == std::string_view::npos) return ParseErrorAt(begin, "comment not terminated");
  return absl::OkStatus();
}

StatusOr<Token> Lexer::ReadToken() {
  if (offset_ == text_.size()) return Take(TokenKind::kEnd, 0);
  const char c = text_[offset_];
  const bool digit_next = offset_ + 1 < text_.size() && IsDigit(text_[offset_ + 1]);
  if (IsDigit(c) || (c == '.' && digit_next)) return ReadNumber();
  if (NameSize(Rest()) > 0) return ReadWord();
  Token token;
  switch (c) {
    case '"':
      return ReadString(c);
    case '`':
      return ReadRawString();
    case '\'':
      return ReadCharacter();
    case '[':
      return ReadRange();
    case '-':
      if (ReadFlag(&token) || ReadNegativeDuration(&token)) return token;
      return ReadPunctuation();
    default:
      return ReadPunctuation();
  }
}

Token Lexer::ReadWord() {
  const std::string_view word = Rest().substr(0, NameSize(Rest()));
  const Keyword* keyword = FindKeyword(word);
  const bool is_keyword =
      keyword != nullptr && (!keyword->is_function || IsCall(Rest().substr(word.size())));
  Token token = Take(is_keyword ? keyword->kind : TokenKind::kIdentifier, word.size());
  token.text = word;
  return token;
}

StatusOr<Token> Lexer::ReadNumber() {
  const ScannedUnit duration = ScanDuration(Rest());
  const ScannedUnit bytes = ScanBytes(Rest());
  if (bytes.size > duration.size) {
    Token token = Take(TokenKind::kBytes, bytes.size, /*several_steps=*/true);
    token.bytes = bytes.value;
    return token;
  }
  if (duration.size > 0) {
    Token token = Take(TokenKind::kDuration, duration.size, /*several_steps=*/true);
    token.nanos = static_cast<int64_t>(duration.value);
    return token;
  }
  const StatusOr<size_t> size = ScanNumber(Rest());
  if (!size.ok()) return ParseErrorAt(Here(), Message(size.status()));
  const std::string_view literal = Rest().substr(0, *size);
  Token token = Take(TokenKind::kNumber, *size);
  token.text = literal;
  return token;
}

StatusOr<Token> Lexer::ReadString(char quote) {
  StatusOr<QuotedLiteral> literal = DecodeQuoted(Rest(), quote);
  if (!literal.ok()) {
    const Position begin = Here();
    Advance(Rest().size());
    RETURN_IF_ERROR(BadByte(begin));
    return ParseErrorAt(begin, Message(literal.status()));
  }
  Token token = Take(TokenKind::kString, literal->size);
  token.text = std::move(literal->value);
  return token;
}

StatusOr<Token> Lexer::ReadRawString() {
  const size_t end = text_.find('`', offset_ + 1);
  if (end == std::string_view::npos) return ParseErrorAt(Here(), "literal not terminated");
  std::string value(text_.substr(offset_ + 1, end - offset_ - 1));
  std::erase(value, '\r');
  Token token = Take(TokenKind::kString, end + 1 - offset_);
  token.text = std::move(value);
  return token;
}

// A Go character literal: no string.
StatusOr<Token> Lexer::ReadCharacter() {
  const StatusOr<QuotedLiteral> literal = DecodeQuoted(Rest(), '\'');
  if (!literal.ok()) return ParseErrorAt(Here(), Message(literal.status()));
  if (literal->characters != 1) return ParseErrorAt(Here(), "invalid char literal");
  return TakeStray(literal->size);
}

StatusOr<Token> Lexer::ReadRange() {
  const size_t end = text_.find(']', offset_);
  if (end == std::string_view::npos) {
    return ParseErrorAt({0, column_}, "missing closing ']' in duration");
  }
  const std::string_view duration = text_.substr(offset_ + 1, end - offset_ - 1);
  Token token = Take(TokenKind::kRange, duration.size() + 2, /*several_steps=*/true);
  RETURN_IF_ERROR(BadByte(token.position));
  const auto parsed = ParsePrometheusDuration(duration);
  if (!parsed.ok()) return ParseErrorAt(token.position, Message(parsed.status()));
  token.nanos = parsed->count();
  return token;
}

bool Lexer::ReadFlag(Token* token) {
  if (!StartsWith("--")) return false;
  std::string_view name = Rest().substr(2);
  name = name.substr(0, name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-"));
  if (name != "strict" && name != "keep-empty") return false;
  *token = Take(TokenKind::kFlag, name.size() + 2, /*several_steps=*/true);
  token->text = name;
  return true;
}

bool Lexer::ReadNegativeDuration(Token* token) {
  const ScannedUnit duration = ScanDuration(Rest());
  if (duration.size == 0) return false;
  *token = Take(TokenKind::kDuration, duration.size, /*several_steps=*/true);
  token->nanos = static_cast<int64_t>(duration.value);
  return true;
}

// An operator, or any other single rune.
Token Lexer::ReadPunctuation() {
  for (const Operator& op : kOperators) {
    if (!StartsWith(op.text)) continue;
    return Take(op.kind, op.text.size(), /*several_steps=*/op.text.size() > 1);
  }
  return TakeStray(DecodeRune(Rest()).size);
}

}  // namespace skald::query
