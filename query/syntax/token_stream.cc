#include "query/syntax/token_stream.h"

#include <string>
#include <utility>

#include "query/syntax/parse_error.h"
#include "storage/base/strings.h"

namespace skald::query {

TokenKind TokenStream::Peek() {
  if (!has_next_) {
    StatusOr<Token> token = lexer_.Next();
    lexer_error_ = token.status();
    next_ = token.ok() ? *std::move(token) : Token{TokenKind::kError, {}, "", 0, 0};
    has_next_ = true;
  }
  return next_.kind;
}

Token TokenStream::Take() {
  Peek();
  // The end and an error stay where they are.
  has_next_ = next_.kind == TokenKind::kEnd || next_.kind == TokenKind::kError;
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
  std::string message = StrCat("syntax error: unexpected ", TokenName(next_.kind));
  std::string_view separator = ", expecting ";
  for (const TokenKind kind : expected) {
    StrAppend(&message, separator, TokenName(kind));
    separator = " or ";
  }
  return ParseErrorAt(next_.position, message);
}

}  // namespace skald::query
