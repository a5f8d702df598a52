#include "query/stage/regex_tree.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "query/stage/regex_factoring.h"
#include "storage/base/ascii.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

using Kind = RegexNode::Kind;

constexpr int kMaxDepth = 100;

// Recursive descent over Go's Perl-flavoured syntax; `failed_` once something is not followed.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::optional<RegexNode> Parse() {
    RegexNode node = ParseAlternation(0);
    if (failed_ || pos_ != text_.size()) return std::nullopt;
    return node;
  }

 private:
  struct Flags {
    bool fold = false;
    bool dot_matches_lf = false;
  };

  bool AtEnd() const { return failed_ || pos_ >= text_.size(); }
  bool Eat(std::string_view token) {
    if (!text_.substr(pos_).starts_with(token)) return false;
    pos_ += token.size();
    return true;
  }
  RegexNode Fail() {
    failed_ = true;
    return {};
  }
  char32_t NextRune() {
    const DecodedRune decoded = DecodeRune(text_.substr(pos_));
    if (decoded.invalid || decoded.size == 0) failed_ = true;
    pos_ += decoded.size;
    return decoded.rune;
  }

  // Flags set inside a group end with it.
  RegexNode ParseAlternation(int depth) {
    if (depth > kMaxDepth) return Fail();
    const Flags outer = flags_;
    std::vector<RegexNode> branches;
    do {
      branches.push_back(ParseConcat(depth));
    } while (!AtEnd() && Eat("|"));
    flags_ = outer;
    if (failed_) return {};
    return FactorAlternation(std::move(branches));
  }

  RegexNode ParseConcat(int depth) {
    std::vector<RegexNode> parts;
    while (!AtEnd() && text_[pos_] != '|' && text_[pos_] != ')') {
      RegexNode atom;
      if (!ParseAtom(depth, &atom)) continue;
      const bool repeated = ParseRepetitions(&atom);
      AppendToConcat(std::move(atom), repeated, &parts);
    }
    return MakeConcat(std::move(parts));
  }

  // Adjacent literals of one case mode become one; a repetition takes only its own atom.
  void AppendToConcat(RegexNode atom, bool repeated, std::vector<RegexNode>* parts) {
    if (!repeated && atom.kind == Kind::kLiteral && !parts->empty() &&
        parts->back().kind == Kind::kLiteral && parts->back().fold == atom.fold) {
      parts->back().runes += atom.runes;
      return;
    }
    if (atom.kind == Kind::kConcat) {
      for (RegexNode& child : atom.children) {
        AppendToConcat(std::move(child), repeated, parts);
      }
      return;
    }
    parts->push_back(std::move(atom));
  }

  // Parses one atom; false when it was only a change of flags.
  bool ParseAtom(int depth, RegexNode* out) {
    if (text_[pos_] == '(') return ParseGroup(depth, out);
    switch (text_[pos_]) {
      case '[':
        *out = ParseClass();
        return true;
      case '.':
        ++pos_;
        out->kind = flags_.dot_matches_lf ? Kind::kAny : Kind::kAnyNotLf;
        return true;
      case '^':
      case '$':
        out->kind = Kind::kAnchor;
        out->anchor = text_.substr(pos_++, 1);
        return true;
      case '\\':
        *out = ParseEscape();
        return true;
      default:
        *out = LiteralOf(NextRune());
        return true;
    }
  }

  RegexNode LiteralOf(char32_t rune) {
    RegexNode node;
    node.kind = Kind::kLiteral;
    node.runes.assign(1, rune);
    node.fold = flags_.fold;
    return node;
  }

  bool ParseGroup(int depth, RegexNode* out) {
    ++pos_;
    bool capture = true;
    const Flags outer = flags_;
    if (Eat("?P<") || Eat("?<")) {
      const size_t end = text_.find('>', pos_);
      if (end == std::string_view::npos) return failed_ = true;
      pos_ = end + 1;
    } else if (Eat("?")) {
      capture = false;
      if (!ParseFlags()) return failed_ = true;
      if (Eat(")")) return false;
      if (!Eat(":")) return failed_ = true;
    }
    RegexNode inner = ParseAlternation(depth + 1);
    flags_ = outer;
    if (AtEnd() || !Eat(")")) return failed_ = true;
    if (capture) {
      out->kind = Kind::kCapture;
      out->children.push_back(std::move(inner));
    } else {
      *out = std::move(inner);
    }
    return true;
  }

  // The letters of (?flags) and (?flags:…). (?m) only changes anchors and (?U) only greediness,
  // neither of which matters here.
  bool ParseFlags() {
    bool on = true;
    while (!AtEnd() && text_[pos_] != ')' && text_[pos_] != ':') {
      switch (text_[pos_++]) {
        case '-':
          on = false;
          break;
        case 'i':
          flags_.fold = on;
          break;
        case 's':
          flags_.dot_matches_lf = on;
          break;
        case 'm':
        case 'U':
          break;
        default:
          return false;
      }
    }
    return true;
  }

  RegexNode UnknownClass() {
    RegexNode node;
    node.kind = Kind::kClass;
    return node;
  }

  RegexNode ParseEscape() {
    ++pos_;
    if (AtEnd()) return Fail();
    if (Eat("Q")) return ParseQuoted();
    const char c = text_[pos_];
    if (c == 'A' || c == 'z' || c == 'b' || c == 'B') {
      RegexNode node;
      node.kind = Kind::kAnchor;
      node.anchor = text_.substr(pos_ - 1, 2);
      ++pos_;
      return node;
    }
    if (std::string_view("dDsSwW").find(c) != std::string_view::npos) {
      ++pos_;
      return UnknownClass();
    }
    if (c == 'p' || c == 'P') return ParseUnicodeClass();
    return LiteralOf(ParseEscapedRune());
  }

  RegexNode ParseUnicodeClass() {
    ++pos_;
    if (Eat("{")) {
      const size_t end = text_.find('}', pos_);
      if (end == std::string_view::npos) return Fail();
      pos_ = end + 1;
    } else {
      NextRune();
    }
    return UnknownClass();
  }

  RegexNode ParseQuoted() {
    const size_t end = std::min(text_.find("\\E", pos_), text_.size());
    RegexNode node;
    node.kind = Kind::kLiteral;
    node.fold = flags_.fold;
    while (pos_ < end && !failed_) node.runes += NextRune();
    Eat("\\E");
    if (node.runes.empty()) return {};
    // A repetition after \E applies to the last rune only.
    if (!AtEnd() && IsRepetition(text_[pos_])) return Fail();
    return node;
  }

  char32_t ParseEscapedRune() {
    const char32_t c = NextRune();
    switch (c) {
      case 'a':
        return '\a';
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'v':
        return '\v';
      case 'x':
        return ParseHexRune();
      default:
        break;
    }
    if (c >= '0' && c <= '7') return ParseOctalRune(c);
    // Only punctuation may be escaped for itself.
    if (c >= 0x80 || std::isalnum(static_cast<unsigned char>(c))) failed_ = true;
    return c;
  }

  char32_t ParseOctalRune(char32_t first) {
    char32_t value = first - '0';
    for (int i = 0; i < 2 && !AtEnd() && text_[pos_] >= '0' && text_[pos_] <= '7'; ++i) {
      value = value * 8 + static_cast<char32_t>(text_[pos_++] - '0');
    }
    return value;
  }

  char32_t ParseHexRune() {
    const bool braced = Eat("{");
    char32_t value = 0;
    for (int digits = 0; braced ? !AtEnd() && text_[pos_] != '}' : digits < 2; ++digits) {
      const int digit = AtEnd() || digits > 6 ? -1 : HexValue(text_[pos_]);
      if (digit < 0) {
        failed_ = true;
        return 0;
      }
      value = value * 16 + static_cast<char32_t>(digit);
      ++pos_;
    }
    if (braced && !Eat("}")) failed_ = true;
    return value;
  }

  // Classes of plain runes and ranges keep their ranges; others are unknown sets.
  RegexNode ParseClass() {
    ++pos_;
    RegexNode node = UnknownClass();
    bool known = !flags_.fold;
    if (Eat("^")) known = false;
    for (bool first = true; first || (!AtEnd() && text_[pos_] != ']'); first = false) {
      if (AtEnd()) return Fail();
      if (ParseClassSet()) {
        known = false;
        continue;
      }
      const char32_t low = ParseClassRune();
      char32_t high = low;
      if (pos_ + 1 < text_.size() && text_[pos_] == '-' && text_[pos_ + 1] != ']') {
        ++pos_;
        high = ParseClassRune();
      }
      node.ranges.push_back({low, high});
    }
    if (!Eat("]")) return Fail();
    if (!known) {
      // (?i)[a] stays an unknown set: one rune more or less does not matter.
      node.ranges.clear();
      return node;
    }
    return NormaliseClass(std::move(node));
  }

  // Skips `[:alpha:]`, `\d`, `\pN` and their kin inside a class.
  bool ParseClassSet() {
    if (Eat("[:")) {
      const size_t end = text_.find(":]", pos_);
      if (end == std::string_view::npos) {
        failed_ = true;
      } else {
        pos_ = end + 2;
      }
      return true;
    }
    if (text_[pos_] != '\\' || pos_ + 1 >= text_.size()) return false;
    const char c = text_[pos_ + 1];
    if (std::string_view("dDsSwW").find(c) != std::string_view::npos) {
      pos_ += 2;
      return true;
    }
    if (c != 'p' && c != 'P') return false;
    ++pos_;
    ParseUnicodeClass();
    return true;
  }

  char32_t ParseClassRune() {
    if (AtEnd()) {
      failed_ = true;
      return 0;
    }
    if (Eat("\\")) return ParseEscapedRune();
    return NextRune();
  }

  static bool IsRepetition(char c) { return c == '*' || c == '+' || c == '?' || c == '{'; }

  // Applies the repetition operators that follow an atom; true if there was one.
  bool ParseRepetitions(RegexNode* atom) {
    bool any = false;
    while (!AtEnd()) {
      int min = 0;
      int max = -1;
      if (Eat("*")) {
      } else if (Eat("+")) {
        min = 1;
      } else if (Eat("?")) {
        max = 1;
      } else if (!ParseCounts(&min, &max)) {
        break;
      }
      Eat("?");
      any = true;
      RegexNode repeat;
      repeat.kind = Kind::kRepeat;
      repeat.min = min;
      repeat.max = max;
      repeat.children.push_back(std::move(*atom));
      *atom = std::move(repeat);
    }
    return any;
  }

  // `{2}`, `{2,}`, `{2,5}`; anything else after `{` is literal text.
  bool ParseCounts(int* min, int* max) {
    const size_t start = pos_;
    if (Eat("{") && ParseInt(min)) {
      *max = *min;
      if (Eat(",")) {
        *max = -1;
        ParseInt(max);
      }
      if (Eat("}")) return true;
    }
    pos_ = start;
    *min = 0;
    *max = -1;
    return false;
  }

  bool ParseInt(int* value) {
    const size_t start = pos_;
    int parsed = 0;
    while (pos_ < text_.size() && pos_ - start < 5 && text_[pos_] >= '0' && text_[pos_] <= '9') {
      parsed = parsed * 10 + (text_[pos_++] - '0');
    }
    if (pos_ == start) return false;
    *value = parsed;
    return true;
  }

  std::string_view text_;
  size_t pos_ = 0;
  Flags flags_;
  bool failed_ = false;
};

}  // namespace

std::optional<RegexNode> ParseRegexTree(std::string_view regex) { return Parser(regex).Parse(); }

std::string RunesToUtf8(std::u32string_view runes) {
  std::string text;
  for (char32_t rune : runes) AppendRune(&text, rune);
  return text;
}

}  // namespace skald::query
