#include "storage/model/go_regex.h"

#include "absl/strings/str_replace.h"

namespace skald {
namespace {

constexpr int64_t kMaxProgramBytes = 8 << 20;

Status ParseError(std::string_view what) {
  return InvalidArgument(StrCat("error parsing regexp: ", what));
}
Status ParseError(std::string_view what, std::string_view fragment) {
  return ParseError(StrCat(what, ": `", fragment, "`"));
}

// Walks a pattern far enough to tell syntax from literal text.
class PatternWalker {
 public:
  explicit PatternWalker(std::string_view pattern) : pattern_(pattern) {}

  bool done() const { return position_ >= pattern_.size(); }
  std::string_view rest() const { return pattern_.substr(position_); }

  // True at an element that is neither quoted, escaped nor in a character class.
  bool AtSyntax() const { return !in_class_ && !in_quote_; }

  // Steps over one element: an escape, or a byte. Returns it.
  std::string_view Step() {
    const std::string_view text = rest();
    const size_t size = text[0] == '\\' && text.size() > 1 ? 2 : 1;
    const std::string_view element = text.substr(0, size);
    if (in_quote_) {
      return StepQuoted(element);
    }
    position_ += size;
    if (in_class_) {
      in_class_ = element != "]" || class_begin_ == position_ - 1;
    } else if (element == "\\Q") {
      in_quote_ = true;
    } else if (element == "[") {
      in_class_ = true;
      if (!done() && rest()[0] == '^') ++position_;
      class_begin_ = position_;  // a ] right here is a member
    }
    return element;
  }

 private:
  std::string_view StepQuoted(std::string_view element) {
    if (element == "\\E") {
      in_quote_ = false;
    } else {
      element = element.substr(0, 1);
    }
    position_ += element.size();
    return element;
  }

  const std::string_view pattern_;
  size_t position_ = 0;
  size_t class_begin_ = 0;
  bool in_class_ = false;
  bool in_quote_ = false;
};

// Spells `(?<name>` as `(?P<name>`, the only form this RE2 knows. InvalidArgument for what RE2
// would take and Go does not.
StatusOr<std::string> ToRe2Dialect(std::string_view pattern) {
  std::string out;
  out.reserve(pattern.size());
  for (PatternWalker walker(pattern); !walker.done();) {
    if (walker.AtSyntax() && walker.rest().starts_with("(?<")) {
      const std::string_view group = walker.rest();
      const size_t end = group.find('>');
      if (end == std::string_view::npos) return ParseError("invalid named capture", group);
      const std::string_view name = group.substr(3, end - 3);
      if (name.empty() || name.find_first_of("=!") == 0) {
        return ParseError("invalid named capture", group.substr(0, end + 1));
      }
      walker.Step();
      walker.Step();
      out.append("(?P");
      continue;
    }
    const bool quoted = !walker.AtSyntax();
    const std::string_view element = walker.Step();
    if (element == "\\C" && !quoted) return ParseError("invalid escape sequence", element);
    out.append(element);
  }
  return out;
}

std::string_view GoErrorText(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    default:
      return "expression too large";
  }
}

Status ToGoError(const RE2& regex, std::string_view pattern) {
  const RE2::ErrorCode code = regex.error_code();
  const std::string_view text = GoErrorText(code);
  if (code == RE2::ErrorPatternTooLarge || code == RE2::ErrorInternal) return ParseError(text);
  if (code == RE2::ErrorMissingParen || code == RE2::ErrorUnexpectedParen) {
    return ParseError(text, pattern);
  }
  std::string fragment = regex.error_arg();
  if (pattern.find("(?P<") == std::string_view::npos) {
    fragment = absl::StrReplaceAll(fragment, {{"(?P<", "(?<"}});
  }
  return ParseError(text, fragment);
}

}  // namespace

StatusOr<std::shared_ptr<const RE2>> CompileGoRegex(std::string_view pattern, RegexDot dot) {
  if (pattern.size() > kMaxGoRegexSize) return ParseError("expression too large");
  ASSIGN_OR_RETURN(const std::string translated, ToRe2Dialect(pattern));
  RE2::Options options;
  options.set_max_mem(kMaxProgramBytes);
  options.set_log_errors(false);
  options.set_dot_nl(dot == RegexDot::kMatchesLineFeed);
  auto regex = std::make_shared<const RE2>(translated, options);
  if (!regex->ok()) return ToGoError(*regex, pattern);
  return regex;
}

}  // namespace skald
