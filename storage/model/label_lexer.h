// Splits the label text that agents push into tokens, as Prometheus' lexer splits a selector.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace skald {

// A token of label text.
struct LabelToken {
  enum class Kind : uint8_t {
    kEnd,
    kIdentifier,
    kMetricIdentifier,  // an identifier with a colon; outside braces only
    kString,
    kNumber,
    kOperator,
    kPunctuation,  // , = { } and the brackets
    kError,
  };

  Kind kind = Kind::kEnd;
  size_t begin = 0;       // where it starts, or where an error is reported
  std::string_view text;  // as written
  std::string value;      // the unquoted string; of kError the message

  bool Is(char punctuation) const {
    return kind == Kind::kPunctuation && text.size() == 1 && text[0] == punctuation;
  }
};

// Threads: externally synchronised. The text must outlive the lexer and its tokens.
class LabelLexer {
 public:
  explicit LabelLexer(std::string_view text) : text_(text) {}

  // Reads the next token; kEnd for ever at the end. After kError nothing is promised.
  LabelToken Next();

 private:
  LabelToken NextInBraces();
  LabelToken NextOutside();
  LabelToken Identifier(bool colons);
  LabelToken Number();
  LabelToken QuotedString(char quote);
  LabelToken RawString();
  // Decodes what follows a backslash; false with the message in `error`.
  bool Escape(char quote, std::string* value, std::string* error);
  bool NumericEscape(int digits, uint32_t base, uint32_t max, std::string* value,
                     std::string* error);

  void SkipSpacesAndComments();
  // The next byte, stepped over when it is `expected`.
  bool Accept(char expected);
  LabelToken Token(LabelToken::Kind kind) const;
  LabelToken Error(std::string message) const;
  // The rune at position_, quoted for an error message.
  std::string QuotedRune() const;

  const std::string_view text_;
  size_t position_ = 0;
  size_t begin_ = 0;  // of the token being read
  bool in_braces_ = false;
};

}  // namespace skald
