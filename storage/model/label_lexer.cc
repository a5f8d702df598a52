#include "storage/model/label_lexer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "storage/base/ascii.h"
#include "storage/base/go_quote.h"
#include "storage/base/strings.h"
#include "storage/base/utf8.h"

namespace skald {
namespace {

using Kind = LabelToken::Kind;

constexpr char32_t kMaxRune = 0x10FFFF;
// Bytes of a number that an error shows.
constexpr size_t kShownNumber = 4096;

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == '_'; }

// A rune as Go's %#U prints it: U+0071 'q'.
std::string DescribeRune(char32_t rune) {
  std::string out = absl::StrFormat("U+%04X", static_cast<uint32_t>(rune));
  if (!IsGoPrint(rune)) return out;
  out.append(" '");
  AppendRune(&out, rune);
  out.push_back('\'');
  return out;
}

// The digit's value; 16 for what is no digit.
uint32_t DigitValue(char c) {
  if (IsDigit(c)) return static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<uint32_t>(c - 'A' + 10);
  return 16;
}

}  // namespace

LabelToken LabelLexer::Next() {
  SkipSpacesAndComments();
  begin_ = position_;
  return in_braces_ ? NextInBraces() : NextOutside();
}

void LabelLexer::SkipSpacesAndComments() {
  while (position_ < text_.size()) {
    if (text_[position_] == '#') {
      position_ = std::min(text_.find_first_of("\r\n", position_), text_.size());
    } else if (IsSpace(text_[position_])) {
      ++position_;
    } else {
      return;
    }
  }
}

LabelToken LabelLexer::NextInBraces() {
  if (position_ == text_.size()) return Error("unexpected end of input inside braces");
  const char c = text_[position_];
  if (IsLetter(c)) return Identifier(/*colons=*/false);
  switch (c) {
    case '"':
    case '\'':
      return QuotedString(c);
    case '`':
      return RawString();
    case ',':
      ++position_;
      return Token(Kind::kPunctuation);
    case '}':
      ++position_;
      in_braces_ = false;
      return Token(Kind::kPunctuation);
    case '=':
      ++position_;
      return Token(Accept('~') ? Kind::kOperator : Kind::kPunctuation);
    case '!':
      ++position_;
      if (Accept('~') || Accept('=')) return Token(Kind::kOperator);
      return Error(StrCat("unexpected character after '!' inside braces: ", QuotedRune()));
    case '{':
      return Error("unexpected left brace '{'");
    default:
      return Error(StrCat("unexpected character inside braces: ", QuotedRune()));
  }
}

LabelToken LabelLexer::NextOutside() {
  if (position_ == text_.size()) return Token(Kind::kEnd);
  const char c = text_[position_];
  if (IsLetter(c) || c == ':') return Identifier(/*colons=*/true);
  if (IsDigit(c)) return Number();
  if (c == '"' || c == '\'') return QuotedString(c);
  if (c == '`') return RawString();
  switch (c) {
    case '{':
      ++position_;
      in_braces_ = true;
      return Token(Kind::kPunctuation);
    case ',':
    case '(':
    case '[':
      ++position_;
      return Token(Kind::kPunctuation);
    case '=':
      ++position_;
      if (position_ < text_.size() && text_[position_] == '~') {
        return Error("unexpected character after '=': '~'");
      }
      return Token(Accept('=') ? Kind::kOperator : Kind::kPunctuation);
    case '!':
      ++position_;
      if (Accept('=')) return Token(Kind::kOperator);
      return Error(StrCat("unexpected character after '!': ", QuotedRune()));
    case '<':
    case '>':
      ++position_;
      Accept('=');
      return Token(Kind::kOperator);
    default:
      if (std::string_view("*/%+-^@").find(c) == std::string_view::npos) {
        return Error(StrCat("unexpected character: ", QuotedRune()));
      }
      ++position_;
      return Token(Kind::kOperator);
  }
}

LabelToken LabelLexer::Identifier(bool colons) {
  bool has_colon = false;
  for (; position_ < text_.size(); ++position_) {
    const char c = text_[position_];
    if (colons && c == ':') {
      has_colon = true;
    } else if (!IsLetter(c) && !IsDigit(c)) {
      break;
    }
  }
  return Token(has_colon ? Kind::kMetricIdentifier : Kind::kIdentifier);
}

LabelToken LabelLexer::Number() {
  while (position_ < text_.size() && IsDigit(text_[position_])) ++position_;
  if (position_ == text_.size() || !IsLetter(text_[position_])) return Token(Kind::kNumber);
  const std::string_view digits = text_.substr(begin_, position_ - begin_);
  return Error(StrCat("bad number or duration syntax: ", GoQuote(Shortened(digits, kShownNumber))));
}

LabelToken LabelLexer::QuotedString(char quote) {
  std::string value;
  ++position_;
  while (position_ < text_.size()) {
    const size_t plain = position_;
    while (position_ < text_.size() && text_[position_] != quote && text_[position_] != '\\' &&
           text_[position_] != '\n' && static_cast<unsigned char>(text_[position_]) < 0x80) {
      ++position_;
    }
    value.append(text_, plain, position_ - plain);
    if (position_ == text_.size() || text_[position_] == '\n') break;
    if (Accept(quote)) {
      LabelToken token = Token(Kind::kString);
      token.value = std::move(value);
      return token;
    }
    if (Accept('\\')) {
      std::string error;
      if (!Escape(quote, &value, &error)) return Error(std::move(error));
      continue;
    }
    const DecodedRune rune = DecodeRune(text_.substr(position_));
    if (rune.rune == kReplacementRune) return Error("invalid UTF-8 rune");
    value.append(text_, position_, rune.size);
    position_ += rune.size;
  }
  return Error("unterminated quoted string");
}

LabelToken LabelLexer::RawString() {
  const size_t end = text_.find('`', ++position_);
  std::string value(text_.substr(position_, std::min(end, text_.size()) - position_));
  if (!IsValidUtf8(value) || value.find("\xEF\xBF\xBD") != std::string::npos) {
    return Error("invalid UTF-8 rune");
  }
  if (end == std::string_view::npos) return Error("unterminated raw string");
  position_ = end + 1;
  LabelToken token = Token(Kind::kString);
  token.value = std::move(value);
  return token;
}

bool LabelLexer::Escape(char quote, std::string* value, std::string* error) {
  constexpr std::string_view kNames = "abfnrtv\\";
  constexpr std::string_view kBytes = "\a\b\f\n\r\t\v\\";
  if (position_ == text_.size()) {
    *error = "escape sequence not terminated";
    return false;
  }
  const char c = text_[position_];
  if (const size_t i = kNames.find(c); i != std::string_view::npos || c == quote) {
    ++position_;
    value->push_back(c == quote ? quote : kBytes[i]);
    return true;
  }
  if (c >= '0' && c <= '7') return NumericEscape(3, 8, 0xFF, value, error);
  if (c != 'x' && c != 'u' && c != 'U') {
    *error =
        StrCat("unknown escape sequence ", DescribeRune(DecodeRune(text_.substr(position_)).rune));
    return false;
  }
  ++position_;
  if (c == 'x') return NumericEscape(2, 16, 0xFF, value, error);
  return NumericEscape(c == 'u' ? 4 : 8, 16, kMaxRune, value, error);
}

bool LabelLexer::NumericEscape(int digits, uint32_t base, uint32_t max, std::string* value,
                               std::string* error) {
  uint64_t number = 0;
  for (int i = 0; i < digits; ++i) {
    if (position_ == text_.size()) {
      *error = "escape sequence not terminated";
      return false;
    }
    const uint32_t digit = DigitValue(text_[position_]);
    if (digit >= base) {
      *error = StrCat("illegal character ", DescribeRune(DecodeRune(text_.substr(position_)).rune),
                      " in escape sequence");
      return false;
    }
    number = number * base + digit;
    ++position_;
  }
  if (number > max || !IsValidRune(static_cast<char32_t>(number))) {
    *error = "escape sequence is an invalid Unicode code point";
    return false;
  }
  if (max == kMaxRune) {
    AppendRune(value, static_cast<char32_t>(number));
  } else {
    value->push_back(static_cast<char>(number));
  }
  return true;
}

bool LabelLexer::Accept(char expected) {
  if (position_ == text_.size() || text_[position_] != expected) return false;
  ++position_;
  return true;
}

LabelToken LabelLexer::Token(Kind kind) const {
  return {kind, begin_, text_.substr(begin_, position_ - begin_), {}};
}

LabelToken LabelLexer::Error(std::string message) const {
  return {Kind::kError, begin_, {}, std::move(message)};
}

std::string LabelLexer::QuotedRune() const {
  return GoQuoteRune(DecodeRune(text_.substr(position_)).rune);
}

}  // namespace skald
