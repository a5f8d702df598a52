#include "storage/model/go_regex.h"

#include "absl/strings/str_replace.h"
#include "storage/base/utf8.h"
#include "storage/model/regex_allowance.h"
#include "storage/model/shared_regexes.h"

namespace skald {
namespace {

// Smaller programs cost less to compile again than threads cost each other in sharing one.
constexpr int kLeastSharedInstructions = 4096;

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

  // Steps over one element and returns it: an escape, the head of a class, or a byte.
  std::string_view Step() {
    const std::string_view text = rest();
    if (in_quote_) return StepQuoted(text);
    size_t size = text[0] == '\\' && text.size() > 1 ? 2 : 1;
    if (in_class_) {
      in_class_ = text[0] != ']';
    } else if (text.starts_with("\\Q")) {
      in_quote_ = true;
    } else if (text[0] == '[') {
      in_class_ = true;
      if (text.substr(size).starts_with('^')) ++size;
      if (text.substr(size).starts_with(']')) ++size;  // a member when it stands first
    }
    position_ += size;
    return text.substr(0, size);
  }

 private:
  std::string_view StepQuoted(std::string_view text) {
    in_quote_ = !text.starts_with("\\E");
    const size_t size = in_quote_ ? 1 : 2;
    position_ += size;
    return text.substr(0, size);
  }

  const std::string_view pattern_;
  size_t position_ = 0;
  bool in_class_ = false;
  bool in_quote_ = false;
};

// RE2 takes \C for any byte, Go does not know it; this escape is unknown to both.
constexpr std::string_view kAnyByte = "\\C";
constexpr std::string_view kUnknownEscape = "\\Y";

// Spells `(?<name>` as `(?P<name>`, the only form this RE2 knows, and what RE2 would take and Go
// does not as something that neither takes.
std::string ToRe2Dialect(std::string_view pattern) {
  std::string out;
  out.reserve(pattern.size());
  for (PatternWalker walker(pattern); !walker.done();) {
    const bool syntax = walker.AtSyntax();
    if (syntax && walker.rest().starts_with("(?<")) {
      walker.Step();
      walker.Step();
      out.append("(?P");
      continue;
    }
    const std::string_view element = walker.Step();
    out.append(syntax && element == kAnyByte ? kUnknownEscape : element);
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

// What Go shows for RE2's `fragment` of a pattern that had to be translated.
std::string GoFragment(std::string fragment, std::string_view pattern) {
  if (fragment == kUnknownEscape && pattern.find(fragment) == std::string_view::npos) {
    return std::string(kAnyByte);
  }
  if (pattern.find("(?P<") != std::string_view::npos) return fragment;
  return absl::StrReplaceAll(fragment, {{"(?P<", "(?<"}});
}

Status ToGoError(const RE2& regex, std::string_view pattern) {
  const RE2::ErrorCode code = regex.error_code();
  const std::string_view text = GoErrorText(code);
  std::string fragment = GoFragment(regex.error_arg(), pattern);
  switch (code) {
    case RE2::ErrorPatternTooLarge:
    case RE2::ErrorInternal:
      return ParseError(text);
    case RE2::ErrorMissingParen:
    case RE2::ErrorUnexpectedParen:
      return ParseError(text, pattern);
    case RE2::ErrorBadUTF8:
      if (const size_t valid = ValidUtf8Prefix(pattern); valid < pattern.size()) {
        return ParseError(text, pattern.substr(valid));
      }
      // RE2 files an unfinished \x{ under this code.
      return ParseError("invalid escape sequence", pattern.substr(pattern.rfind("\\x")));
    case RE2::ErrorRepeatSize:
      if (fragment.ends_with("}?")) fragment.pop_back();
      break;
    default:
      break;
  }
  return ParseError(text, fragment);
}

std::shared_ptr<const RE2> Compile(const std::string& dialect, RegexDot dot, int64_t max_bytes) {
  RE2::Options options;
  options.set_max_mem(max_bytes);
  options.set_log_errors(false);
  options.set_dot_nl(dot == RegexDot::kMatchesLineFeed);
  return std::make_shared<const RE2>(dialect, options);
}

}  // namespace

// `(?<name>…)` is taken as `(?P<name>…)`; Latin-1 is off, memory bounded.
StatusOr<std::shared_ptr<const RE2>> CompileGoRegex(std::string_view pattern, RegexDot dot) {
  if (pattern.size() > kMaxGoRegexSize) return ParseError("expression too large");
  static SharedRegexes& shared = *new SharedRegexes;
  const std::string key = StrCat(dot == RegexDot::kMatchesLineFeed ? "s" : "-", pattern);
  std::shared_ptr<const RE2> regex = shared.Find(key);
  if (regex != nullptr) {
    RETURN_IF_ERROR(RegexAllowance::Take(regex->ProgramSize()));
    return regex;
  }
  const std::string dialect = ToRe2Dialect(pattern);
  const int64_t bytes = RegexAllowance::TakeBytes();
  regex = Compile(dialect, dot, bytes);
  if (regex->error_code() == RE2::ErrorPatternTooLarge && bytes < kMaxProgramBytes) {
    regex = Compile(dialect, dot, kMaxProgramBytes);
  }
  if (!regex->ok()) return ToGoError(*regex, pattern);
  RETURN_IF_ERROR(RegexAllowance::Take(regex->ProgramSize()));
  if (regex->ProgramSize() >= kLeastSharedInstructions) shared.Add(key, regex);
  return regex;
}

}  // namespace skald
