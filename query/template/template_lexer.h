// Tokens of a template: text between actions, and the words inside them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace skald::query {

enum class TemplateToken {
  kError,  // the text is the message
  kEof,
  kText,
  kLeftDelimiter,
  kRightDelimiter,
  kSpace,
  kBool,
  kCharacter,  // a quoted rune
  kNumber,
  kString,
  kRawString,
  kField,       // .name
  kVariable,    // $ or $name
  kIdentifier,  // a function's name
  kAssign,
  kDeclare,
  kPipe,
  kLeftParenthesis,
  kRightParenthesis,
  kPunctuation,  // any other printable character
  // Keywords.
  kDot,
  kNil,
  kBlock,
  kBreak,
  kContinue,
  kDefine,
  kElse,
  kEnd,
  kIf,
  kRange,
  kTemplate,
  kWith,
};

struct TemplateItem {
  TemplateToken token = TemplateToken::kEof;
  size_t position = 0;
  std::string text;
  int line = 1;
};

// How messages name a token: quoted and cut short, a keyword in angle brackets.
std::string DescribeItem(const TemplateItem& item);

// Threads: externally synchronised.
class TemplateLexer {
 public:
  // `input` outlives this.
  explicit TemplateLexer(std::string_view input) : input_(input) {}

  // The next token; after an error or the end, always the end.
  TemplateItem Next();

 private:
  enum class State { kText, kAction };

  bool Has(std::string_view text, size_t at) const {
    return input_.substr(at, text.size()) == text;
  }
  char Byte(size_t at) const { return at < input_.size() ? input_[at] : '\0'; }
  bool AtRightDelimiter(size_t at, bool* trims) const;
  bool AtTerminator() const;

  TemplateItem Emit(TemplateToken token);
  TemplateItem Fail(std::string_view message);
  // Forgets the input before the current place.
  void Ignore();

  TemplateItem LexText();
  TemplateItem LexLeftDelimiter();
  // Skips a comment and its delimiters; false with `error` set when it is malformed.
  bool SkipComment(TemplateItem* error);
  TemplateItem LexRightDelimiter();
  TemplateItem LexAction();
  TemplateItem LexSymbol(char c);
  TemplateItem LexSpace();
  TemplateItem LexWord();
  TemplateItem LexName(TemplateToken token);
  TemplateItem LexNumber();
  TemplateItem LexQuoted(char quote, TemplateToken token, std::string_view what);
  TemplateItem LexRawString();
  bool ScanNumber();
  void SkipDigits(std::string_view digits);
  bool Accept(std::string_view characters);
  void SkipAlphanumerics();

  std::string_view input_;
  size_t at_ = 0;
  size_t start_ = 0;  // of the token under way
  int line_ = 1;      // at `start_`
  State state_ = State::kText;
  int parentheses_ = 0;
};

}  // namespace skald::query
