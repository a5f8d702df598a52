// The parser's view of the query: one token of lookahead, read only when asked for, and the error
// that an unexpected one is.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "query/syntax/lexer.h"
#include "query/syntax/token.h"
#include "storage/base/status.h"

namespace skald::query {

// When the text cannot be read further, the next token is a kError that nothing accepts; so the
// parser runs into Unexpected(), which then tells what the lexer found.
//
// Threads: externally synchronised.
class TokenStream {
 public:
  explicit TokenStream(std::string_view text) : lexer_(text) {}

  // The kind of the next token. Nothing is read before it must be: an error that a token causes
  // when it is taken comes before one in the text behind it.
  TokenKind Peek();
  bool At(TokenKind kind) { return Peek() == kind; }

  // Takes the next token.
  Token Take();
  // Takes the next token if it is a `kind`.
  bool Accept(TokenKind kind);
  // Takes the next token, which must be a `kind`; an error otherwise lists `expected`, by default
  // just `kind`.
  StatusOr<Token> Expect(TokenKind kind);
  StatusOr<Token> Expect(TokenKind kind, std::initializer_list<TokenKind> expected);

  // The error that the next token is: "syntax error: unexpected X, expecting A or B". As in Loki,
  // callers pass what would be accepted only where that is at most four kinds.
  Status Unexpected(std::initializer_list<TokenKind> expected = {});

  // The error that the first stray token is, if one has been taken for an identifier.
  Status CheckNoStray() const;

 private:
  Lexer lexer_;
  Token next_;
  bool has_next_ = false;
  Status lexer_error_;
  std::optional<Position> stray_;  // the first one taken
};

}  // namespace skald::query
