#include "query/template/template_lexer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "query/template/unicode_case.h"
#include "storage/base/ascii.h"
#include "storage/base/go_quote.h"
#include "storage/base/strings.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

constexpr std::string_view kLeft = "{{";
constexpr std::string_view kRight = "}}";
constexpr std::string_view kCommentBegin = "/*";
constexpr std::string_view kCommentEnd = "*/";
constexpr std::string_view kSpaces = " \t\r\n";
// A trim marker is a minus and the space between it and the action.
constexpr size_t kTrimMarkerSize = 2;

constexpr std::array<std::pair<std::string_view, TemplateToken>, 11> kKeywords = {{
    {"block", TemplateToken::kBlock},
    {"break", TemplateToken::kBreak},
    {"continue", TemplateToken::kContinue},
    {"define", TemplateToken::kDefine},
    {"else", TemplateToken::kElse},
    {"end", TemplateToken::kEnd},
    {"if", TemplateToken::kIf},
    {"nil", TemplateToken::kNil},
    {"range", TemplateToken::kRange},
    {"template", TemplateToken::kTemplate},
    {"with", TemplateToken::kWith},
}};

bool IsSpace(char c) { return kSpaces.find(c) != std::string_view::npos; }

int CountLines(std::string_view text) {
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

bool IsAlphanumeric(char32_t rune) { return rune == '_' || IsLetterOrDigit(rune); }

// Go's %#U: `U+007E '~'`.
std::string DescribeRune(char32_t rune) {
  std::string text;
  AppendRune(&text, rune);
  std::string out = "U+";
  int digits = rune > 0xFFFFF ? 6 : rune > 0xFFFF ? 5 : 4;
  for (; digits > 0; --digits) out.push_back("0123456789ABCDEF"[rune >> 4 * (digits - 1) & 0xF]);
  if (GoQuote(text).find(text) != std::string::npos) out += " '" + text + "'";
  return out;
}

}  // namespace

std::string DescribeItem(const TemplateItem& item) {
  constexpr size_t kShown = 10;
  if (item.token == TemplateToken::kEof) return "EOF";
  if (item.token == TemplateToken::kError) return item.text;
  if (item.token >= TemplateToken::kDot) return "<" + item.text + ">";
  if (item.text.size() <= kShown) return GoQuote(item.text);
  std::string_view rest = item.text;
  for (size_t i = 0; i < kShown && !rest.empty(); ++i) rest.remove_prefix(DecodeRune(rest).size);
  return GoQuote(std::string_view(item.text).substr(0, item.text.size() - rest.size())) + "...";
}

TemplateItem TemplateLexer::Emit(TemplateToken token) {
  TemplateItem item{token, start_, std::string(input_.substr(start_, at_ - start_)), line_};
  Ignore();
  return item;
}

TemplateItem TemplateLexer::Fail(std::string_view message) {
  // Go's line of a failed token counts what was read of it only if a newline ended it.
  TemplateItem item{TemplateToken::kError, start_, std::string(message), line_};
  input_ = {};
  at_ = start_ = 0;
  state_ = State::kText;
  return item;
}

void TemplateLexer::Ignore() {
  line_ += CountLines(input_.substr(start_, at_ - start_));
  start_ = at_;
}

TemplateItem TemplateLexer::Next() { return state_ == State::kText ? LexText() : LexAction(); }

TemplateItem TemplateLexer::LexText() {
  while (true) {
    const size_t left = input_.find(kLeft, at_);
    if (left == std::string_view::npos) {
      at_ = input_.size();
      return Emit(at_ > start_ ? TemplateToken::kText : TemplateToken::kEof);
    }
    at_ = left;
    const size_t after = left + kLeft.size();
    if (Byte(after) == '-' && after + 1 < input_.size() && IsSpace(input_[after + 1])) {
      while (at_ > start_ && IsSpace(input_[at_ - 1])) --at_;
    }
    if (at_ > start_) {
      TemplateItem item = Emit(TemplateToken::kText);
      at_ = left;
      Ignore();
      return item;
    }
    at_ = left;
    Ignore();
    TemplateItem item = LexLeftDelimiter();
    // A comment leaves nothing behind.
    if (item.token != TemplateToken::kSpace) return item;
  }
}

TemplateItem TemplateLexer::LexLeftDelimiter() {
  at_ += kLeft.size();
  const bool trims = Byte(at_) == '-' && at_ + 1 < input_.size() && IsSpace(input_[at_ + 1]);
  const size_t marker = trims ? kTrimMarkerSize : 0;
  if (Has(kCommentBegin, at_ + marker)) {
    at_ += marker;
    Ignore();
    TemplateItem item;
    if (!SkipComment(&item)) return item;
    item.token = TemplateToken::kSpace;
    return item;
  }
  TemplateItem item = Emit(TemplateToken::kLeftDelimiter);
  state_ = State::kAction;
  at_ += marker;
  Ignore();
  parentheses_ = 0;
  return item;
}

bool TemplateLexer::SkipComment(TemplateItem* error) {
  const size_t end = input_.find(kCommentEnd, at_ + kCommentBegin.size());
  if (end == std::string_view::npos) {
    *error = Fail("unclosed comment");
    return false;
  }
  at_ = end + kCommentEnd.size();
  bool trims = false;
  if (!AtRightDelimiter(at_, &trims)) {
    *error = Fail("comment ends before closing delimiter");
    return false;
  }
  at_ += kRight.size() + (trims ? kTrimMarkerSize : 0);
  while (trims && at_ < input_.size() && IsSpace(input_[at_])) ++at_;
  Ignore();
  return true;
}

bool TemplateLexer::AtRightDelimiter(size_t at, bool* trims) const {
  *trims = at < input_.size() && IsSpace(input_[at]) && Byte(at + 1) == '-' &&
           Has(kRight, at + kTrimMarkerSize);
  return *trims || (at < input_.size() && Has(kRight, at));
}

TemplateItem TemplateLexer::LexRightDelimiter() {
  bool trims = false;
  AtRightDelimiter(at_, &trims);
  if (trims) {
    at_ += kTrimMarkerSize;
    Ignore();
  }
  at_ += kRight.size();
  TemplateItem item = Emit(TemplateToken::kRightDelimiter);
  while (trims && at_ < input_.size() && IsSpace(input_[at_])) ++at_;
  Ignore();
  state_ = State::kText;
  return item;
}

TemplateItem TemplateLexer::LexAction() {
  bool trims = false;
  if (AtRightDelimiter(at_, &trims)) {
    return parentheses_ == 0 ? LexRightDelimiter() : Fail("unclosed left paren");
  }
  if (at_ >= input_.size()) return Fail("unclosed action");
  const char c = input_[at_];
  if (IsSpace(c)) return LexSpace();
  if (c == '"') return LexQuoted('"', TemplateToken::kString, "unterminated quoted string");
  if (c == '\'') {
    return LexQuoted('\'', TemplateToken::kCharacter, "unterminated character constant");
  }
  if (c == '`') return LexRawString();
  if (c == '$') return LexName(TemplateToken::kVariable);
  if (c == '.' && at_ + 1 < input_.size() && !IsDigit(input_[at_ + 1])) {
    return LexName(TemplateToken::kField);
  }
  if (c == '.' || c == '+' || c == '-' || IsDigit(c)) return LexNumber();
  const DecodedRune decoded = DecodeRune(input_.substr(at_));
  if (IsAlphanumeric(decoded.rune)) return LexWord();
  if (c > ' ' && c < 0x7F) return LexSymbol(c);
  return Fail(StrCat("unrecognized character in action: ", DescribeRune(decoded.rune)));
}

TemplateItem TemplateLexer::LexSymbol(char c) {
  ++at_;
  switch (c) {
    case '=':
      return Emit(TemplateToken::kAssign);
    case ':':
      if (Byte(at_) != '=') return Fail("expected :=");
      ++at_;
      return Emit(TemplateToken::kDeclare);
    case '|':
      return Emit(TemplateToken::kPipe);
    case '(':
      ++parentheses_;
      return Emit(TemplateToken::kLeftParenthesis);
    case ')':
      if (--parentheses_ < 0) return Fail("unexpected right paren");
      return Emit(TemplateToken::kRightParenthesis);
    default:
      return Emit(TemplateToken::kPunctuation);
  }
}

TemplateItem TemplateLexer::LexSpace() {
  while (at_ < input_.size() && IsSpace(input_[at_])) ++at_;
  // The last space may belong to a trim marker.
  bool trims = false;
  AtRightDelimiter(at_ - 1, &trims);
  if (trims) {
    --at_;
    if (at_ == start_) return LexRightDelimiter();
  }
  return Emit(TemplateToken::kSpace);
}

void TemplateLexer::SkipAlphanumerics() {
  while (at_ < input_.size()) {
    const DecodedRune decoded = DecodeRune(input_.substr(at_));
    if (!IsAlphanumeric(decoded.rune)) return;
    at_ += decoded.size;
  }
}

bool TemplateLexer::AtTerminator() const {
  if (at_ >= input_.size() || IsSpace(input_[at_])) return true;
  return std::string_view(".,|:)(").find(input_[at_]) != std::string_view::npos || Has(kRight, at_);
}

TemplateItem TemplateLexer::LexWord() {
  SkipAlphanumerics();
  if (!AtTerminator()) {
    return Fail(StrCat("bad character ", DescribeRune(DecodeRune(input_.substr(at_)).rune)));
  }
  const std::string_view word = input_.substr(start_, at_ - start_);
  for (const auto& [keyword, token] : kKeywords) {
    if (word == keyword) return Emit(token);
  }
  const bool is_bool = word == "true" || word == "false";
  return Emit(is_bool ? TemplateToken::kBool : TemplateToken::kIdentifier);
}

// A field or a variable; its first character is the dot or dollar sign.
TemplateItem TemplateLexer::LexName(TemplateToken token) {
  ++at_;
  if (AtTerminator()) {
    return Emit(token == TemplateToken::kVariable ? token : TemplateToken::kDot);
  }
  SkipAlphanumerics();
  if (!AtTerminator()) {
    return Fail(StrCat("bad character ", DescribeRune(DecodeRune(input_.substr(at_)).rune)));
  }
  return Emit(token);
}

TemplateItem TemplateLexer::LexQuoted(char quote, TemplateToken token, std::string_view what) {
  for (++at_; at_ < input_.size() && input_[at_] != '\n'; ++at_) {
    if (input_[at_] == quote) {
      ++at_;
      return Emit(token);
    }
    if (input_[at_] != '\\') continue;
    ++at_;
    if (at_ >= input_.size() || input_[at_] == '\n') break;
  }
  return Fail(what);
}

TemplateItem TemplateLexer::LexRawString() {
  const size_t end = input_.find('`', at_ + 1);
  if (end == std::string_view::npos) return Fail("unterminated raw quoted string");
  at_ = end + 1;
  return Emit(TemplateToken::kRawString);
}

bool TemplateLexer::Accept(std::string_view characters) {
  if (at_ >= input_.size() || characters.find(input_[at_]) == std::string_view::npos) return false;
  ++at_;
  return true;
}

void TemplateLexer::SkipDigits(std::string_view digits) {
  while (Accept(digits)) {
  }
}

bool TemplateLexer::ScanNumber() {
  constexpr std::string_view kDecimal = "0123456789_";
  constexpr std::string_view kHexadecimal = "0123456789abcdefABCDEF_";
  std::string_view digits = kDecimal;
  Accept("+-");
  if (Accept("0")) {
    if (Accept("xX")) {
      digits = kHexadecimal;
    } else if (Accept("oO")) {
      digits = "01234567_";
    } else if (Accept("bB")) {
      digits = "01_";
    }
  }
  SkipDigits(digits);
  if (Accept(".")) SkipDigits(digits);
  if ((digits == kDecimal && Accept("eE")) || (digits == kHexadecimal && Accept("pP"))) {
    Accept("+-");
    SkipDigits(kDecimal);
  }
  Accept("i");
  if (at_ >= input_.size()) return true;
  const DecodedRune next = DecodeRune(input_.substr(at_));
  if (!IsAlphanumeric(next.rune)) return true;
  at_ += next.size;
  return false;
}

TemplateItem TemplateLexer::LexNumber() {
  bool good = ScanNumber();
  // A sign after a number could only continue a complex constant.
  if (good && (Byte(at_) == '+' || Byte(at_) == '-')) {
    ScanNumber();
    good = false;
  }
  if (good) return Emit(TemplateToken::kNumber);
  return Fail(StrCat("bad number syntax: ", GoQuote(input_.substr(start_, at_ - start_))));
}

}  // namespace skald::query
