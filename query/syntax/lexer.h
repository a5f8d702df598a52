// Cuts LogQL text into tokens, as Go's text/scanner with Loki's additions does.
#pragma once

#include <string_view>

#include "query/syntax/token.h"
#include "storage/base/status.h"

namespace skald::query {

// Threads: externally synchronised. The text must outlive the lexer.
class Lexer {
 public:
  explicit Lexer(std::string_view text);

  // Reads the next token, kEnd at the end. After an error the lexer must not be used again.
  StatusOr<Token> Next();

 private:
  // The text from here on.
  std::string_view Rest() const { return text_.substr(offset_); }
  bool StartsWith(std::string_view prefix) const { return Rest().starts_with(prefix); }
  // Moves past `size` bytes, counting lines and columns.
  void Advance(size_t size);
  Position Here() const { return {line_, column_}; }

  // Each reads one token (or what separates tokens) that begins here.
  Status SkipBlanks();
  Status SkipBlockComment();
  StatusOr<Token> ReadToken();
  Token ReadWord();
  StatusOr<Token> ReadNumber();
  StatusOr<Token> ReadString(char quote);
  StatusOr<Token> ReadRawString();
  StatusOr<Token> ReadCharacter();
  StatusOr<Token> ReadRange();
  Token ReadPunctuation();
  // True if a flag or a negative duration begins here, which is then read into `token`.
  bool ReadFlag(Token* token);
  bool ReadNegativeDuration(Token* token);

  // Takes `size` bytes as a token. One of several scanning steps reports line 0.
  Token Take(TokenKind kind, size_t size, bool several_steps = false);
  // Takes `size` bytes that mean nothing. As in Loki they pass for an identifier, so that the
  // errors behind them are the same; the parser refuses them in the end.
  Token TakeStray(size_t size);
  // The error that the first bad byte is, if reading has come to it.
  Status BadByte(Position position) const;

  std::string_view text_;
  size_t offset_ = 0;
  size_t bad_offset_;  // of the first NUL or byte that is not UTF-8; the text's size if none
  int line_ = 1;
  int column_ = 1;
  int last_column_ = 0;  // of the last token
};

}  // namespace skald::query
