#include "query/syntax/token_stream.h"

#include <string>
#include <utility>

#include "query/syntax/parse_error.h"
#include "storage/base/strings.h"

namespace skald::query {
namespace {

Token ErrorToken() {
  Token token;
  token.kind = TokenKind::kError;
  return token;
}

Status UnexpectedAt(Position position, TokenKind kind, std::string_view expecting) {
  return ParseErrorAt(position, StrCat("syntax error: unexpected ", TokenName(kind), expecting));
}

}  // namespace

TokenKind TokenStream::Peek() {
  if (!has_next_) {
    StatusOr<Token> token = lexer_.Next();
    lexer_error_ = token.status();
    next_ = token.ok() ? *std::move(token) : ErrorToken();
    has_next_ = true;
  }
  return next_.kind;
}

Token TokenStream::Take() {
  Peek();
  // The end and an error stay where they are.
  has_next_ = next_.kind == TokenKind::kEnd || next_.kind == TokenKind::kError;
  if (next_.is_stray && !stray_.has_value()) stray_ = next_.position;
  return std::move(next_);
}

bool TokenStream::Accept(TokenKind kind) {
  if (!At(kind)) return false;
  Take();
  return true;
}

StatusOr<Token> TokenStream::Expect(TokenKind kind) { return Expect(kind, {kind}); }

StatusOr<Token> TokenStream::Expect(TokenKind kind, std::initializer_list<TokenKind> expected) {
  if (!At(kind)) return Unexpected(expected);
  return Take();
}

Status TokenStream::Unexpected(std::initializer_list<TokenKind> expected) {
  Peek();
  if (!lexer_error_.ok()) return lexer_error_;
  std::string expecting;
  for (const TokenKind kind : expected) {
    StrAppend(&expecting, expecting.empty() ? ", expecting " : " or ", TokenName(kind));
  }
  return UnexpectedAt(next_.position, next_.kind, expecting);
}

Status TokenStream::CheckNoStray() const {
  if (!stray_.has_value()) return absl::OkStatus();
  return UnexpectedAt(*stray_, TokenKind::kIdentifier, "");
}

}  // namespace skald::query
