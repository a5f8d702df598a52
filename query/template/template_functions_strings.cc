// Strings: case, trimming, searching, cutting, padding.
#include <algorithm>

#include "query/template/template_functions.h"
#include "query/template/unicode_case.h"
#include "storage/base/utf8.h"

namespace skald::query {
namespace {

size_t RuneCount(std::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(DecodeRune(text).size);
  return count;
}

std::string_view FirstRunes(std::string_view text, size_t count) {
  std::string_view rest = text;
  for (size_t i = 0; i < count && !rest.empty(); ++i) rest.remove_prefix(DecodeRune(rest).size);
  return text.substr(0, text.size() - rest.size());
}

// The last rune of a text that is not empty.
DecodedRune LastRune(std::string_view text) {
  for (size_t size = std::min<size_t>(4, text.size()); size > 1; --size) {
    const DecodedRune decoded = DecodeRune(text.substr(text.size() - size));
    if (decoded.size == size) return decoded;
  }
  return DecodeRune(text.substr(text.size() - 1));
}

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
bool HasPrefix(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}
bool HasSuffix(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

template <typename Predicate>
std::string_view TrimFront(std::string_view text, Predicate trims) {
  while (!text.empty()) {
    const DecodedRune rune = DecodeRune(text);
    if (!trims(rune.rune)) break;
    text.remove_prefix(rune.size);
  }
  return text;
}

template <typename Predicate>
std::string_view TrimBack(std::string_view text, Predicate trims) {
  while (!text.empty()) {
    const DecodedRune rune = LastRune(text);
    if (!trims(rune.rune)) break;
    text.remove_suffix(rune.size);
  }
  return text;
}

// Whether a rune is one of a set given as text.
class RuneSet {
 public:
  explicit RuneSet(std::string_view runes) : runes_(runes) {}
  bool operator()(char32_t rune) const {
    std::string_view rest = runes_;
    while (!rest.empty()) {
      const DecodedRune member = DecodeRune(rest);
      if (member.rune == rune) return true;
      rest.remove_prefix(member.size);
    }
    return false;
  }

 private:
  std::string_view runes_;
};

std::string_view CutPrefix(std::string_view text, std::string_view prefix) {
  return HasPrefix(text, prefix) ? text.substr(prefix.size()) : text;
}
std::string_view CutSuffix(std::string_view text, std::string_view suffix) {
  return HasSuffix(text, suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

// strings.Replace: an empty `from` matches before every rune and at the end; a negative `limit`
// means no limit.
StatusOr<Value> ReplaceIn(const FunctionCall& call, std::string_view text, std::string_view from,
                          std::string_view to, int64_t limit) {
  std::string* const out = call.NewText();
  bool after_match = false;  // an empty match was just replaced
  while (limit != 0) {
    size_t at = text.find(from);
    if (from.empty() && after_match)
      at = text.empty() ? std::string_view::npos : DecodeRune(text).size;
    if (at == std::string_view::npos) break;
    out->append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
    after_match = true;
    if (limit > 0) --limit;
    RETURN_IF_ERROR(call.CheckText());
  }
  out->append(text);
  return call.TextValue();
}

StatusOr<Value> Lower(const FunctionCall& call) {
  AppendLower(call.NewText(), call.String(0));
  return call.TextValue();
}

StatusOr<Value> Upper(const FunctionCall& call) {
  AppendUpper(call.NewText(), call.String(0));
  return call.TextValue();
}

// Whether a word may begin after the rune.
bool IsWordSeparator(char32_t rune) {
  if (rune < 0x80) return rune != '_' && !IsLetterOrDigit(rune);
  return !IsLetterOrDigit(rune) && IsSpaceRune(rune);
}

StatusOr<Value> Title(const FunctionCall& call) {
  std::string* const out = call.NewText();
  std::string_view text = call.String(0);
  char32_t previous = ' ';
  while (!text.empty()) {
    const DecodedRune rune = DecodeRune(text);
    AppendRune(out, IsWordSeparator(previous) ? ToUpperRune(rune.rune) : rune.rune);
    previous = rune.rune;
    text.remove_prefix(rune.size);
  }
  return call.TextValue();
}

StatusOr<Value> TrimSpace(const FunctionCall& call) {
  return Value::String(TrimBack(TrimFront(call.String(0), IsSpaceRune), IsSpaceRune));
}

StatusOr<Value> Trim(const FunctionCall& call) {
  const RuneSet set(call.String(1));
  return Value::String(TrimBack(TrimFront(call.String(0), set), set));
}
StatusOr<Value> TrimLeft(const FunctionCall& call) {
  return Value::String(TrimFront(call.String(0), RuneSet(call.String(1))));
}
StatusOr<Value> TrimRight(const FunctionCall& call) {
  return Value::String(TrimBack(call.String(0), RuneSet(call.String(1))));
}
StatusOr<Value> TrimPrefix(const FunctionCall& call) {
  return Value::String(CutPrefix(call.String(0), call.String(1)));
}
StatusOr<Value> TrimSuffix(const FunctionCall& call) {
  return Value::String(CutSuffix(call.String(0), call.String(1)));
}

// The forms that take the text last.
StatusOr<Value> TrimAllPiped(const FunctionCall& call) {
  const RuneSet set(call.String(0));
  return Value::String(TrimBack(TrimFront(call.String(1), set), set));
}
StatusOr<Value> TrimPrefixPiped(const FunctionCall& call) {
  return Value::String(CutPrefix(call.String(1), call.String(0)));
}
StatusOr<Value> TrimSuffixPiped(const FunctionCall& call) {
  return Value::String(CutSuffix(call.String(1), call.String(0)));
}

StatusOr<Value> ContainsPiped(const FunctionCall& call) {
  return Value::Bool(Contains(call.String(1), call.String(0)));
}
StatusOr<Value> HasPrefixPiped(const FunctionCall& call) {
  return Value::Bool(HasPrefix(call.String(1), call.String(0)));
}
StatusOr<Value> HasSuffixPiped(const FunctionCall& call) {
  return Value::Bool(HasSuffix(call.String(1), call.String(0)));
}

StatusOr<Value> Replace(const FunctionCall& call) {
  return ReplaceIn(call, call.String(0), call.String(1), call.String(2), call.Int(3));
}
StatusOr<Value> ReplacePiped(const FunctionCall& call) {
  return ReplaceIn(call, call.String(2), call.String(0), call.String(1), -1);
}

StatusOr<Value> Truncate(const FunctionCall& call) {
  const int64_t count = call.Int(0);
  const std::string_view text = call.String(1);
  const auto size = static_cast<int64_t>(text.size());
  if (count < 0 && size + count > 0) {
    return Value::String(text.substr(static_cast<size_t>(size + count)));
  }
  if (count >= 0 && size > count) return Value::String(text.substr(0, static_cast<size_t>(count)));
  return Value::String(text);
}

StatusOr<Value> Substring(const FunctionCall& call) {
  const int64_t start = call.Int(0);
  const int64_t end = call.Int(1);
  const std::string_view text = call.String(2);
  const auto size = static_cast<int64_t>(text.size());
  constexpr std::string_view kOutOfRange = "runtime error: slice bounds out of range ";
  if (start < 0) {
    if (end < 0) return InvalidArgument(StrCat(kOutOfRange, "[:", end, "]"));
    if (end > size) {
      return InvalidArgument(StrCat(kOutOfRange, "[:", end, "] with length ", size));
    }
    return Value::String(text.substr(0, static_cast<size_t>(end)));
  }
  const int64_t stop = end < 0 || end > size ? size : end;
  if (start > stop) return InvalidArgument(StrCat(kOutOfRange, "[", start, ":", stop, "]"));
  return Value::String(text.substr(static_cast<size_t>(start), static_cast<size_t>(stop - start)));
}

Status CheckRepeat(int64_t count, size_t size) {
  if (count < 0) return InvalidArgument("strings: negative Repeat count");
  if (size > 0 && static_cast<uint64_t>(count) > kMaxTemplateText / size) {
    return Exhausted("the result is too long");
  }
  return absl::OkStatus();
}

StatusOr<Value> Repeat(const FunctionCall& call) {
  const std::string_view text = call.String(1);
  RETURN_IF_ERROR(CheckRepeat(call.Int(0), text.size()));
  if (text.empty()) return Value::String("");
  std::string* const out = call.NewText();
  for (int64_t i = 0; i < call.Int(0); ++i) out->append(text);
  return call.TextValue();
}

StatusOr<Value> IndentAfter(const FunctionCall& call, std::string_view head) {
  RETURN_IF_ERROR(CheckRepeat(call.Int(0), 1));
  const auto spaces = static_cast<size_t>(call.Int(0));
  std::string* const out = call.NewText();
  out->append(head).append(spaces, ' ');
  for (const char c : call.String(1)) {
    out->push_back(c);
    if (c != '\n') continue;
    out->append(spaces, ' ');
    RETURN_IF_ERROR(call.CheckText());
  }
  return call.TextValue();
}

StatusOr<Value> Indent(const FunctionCall& call) { return IndentAfter(call, ""); }
StatusOr<Value> IndentOnNewLine(const FunctionCall& call) { return IndentAfter(call, "\n"); }

StatusOr<Value> Align(const FunctionCall& call, bool left) {
  const int64_t width = call.Int(0);
  const std::string_view text = call.String(1);
  const auto count = static_cast<int64_t>(RuneCount(text));
  if (width < 0 || count == width) return Value::String(text);
  if (count > width) {
    const size_t kept = static_cast<size_t>(width);
    if (left) return Value::String(FirstRunes(text, kept));
    const size_t dropped = FirstRunes(text, static_cast<size_t>(count) - kept).size();
    return Value::String(text.substr(dropped));
  }
  RETURN_IF_ERROR(CheckRepeat(width, 1));
  std::string* const out = call.NewText();
  const auto padding = static_cast<size_t>(width - count);
  if (!left) out->append(padding, ' ');
  out->append(text);
  if (left) out->append(padding, ' ');
  return call.TextValue();
}

StatusOr<Value> AlignLeft(const FunctionCall& call) { return Align(call, true); }
StatusOr<Value> AlignRight(const FunctionCall& call) { return Align(call, false); }

constexpr FunctionSpec kFunctions[] = {
    {"ToLower", "s", Lower},
    {"ToUpper", "s", Upper},
    {"lower", "s", Lower},
    {"upper", "s", Upper},
    {"title", "s", Title},
    {"TrimSpace", "s", TrimSpace},
    {"trim", "s", TrimSpace},
    {"Trim", "ss", Trim},
    {"TrimLeft", "ss", TrimLeft},
    {"TrimRight", "ss", TrimRight},
    {"TrimPrefix", "ss", TrimPrefix},
    {"TrimSuffix", "ss", TrimSuffix},
    {"trimAll", "ss", TrimAllPiped},
    {"trimPrefix", "ss", TrimPrefixPiped},
    {"trimSuffix", "ss", TrimSuffixPiped},
    {"contains", "ss", ContainsPiped},
    {"hasPrefix", "ss", HasPrefixPiped},
    {"hasSuffix", "ss", HasSuffixPiped},
    {"Replace", "sssi", Replace},
    {"replace", "sss", ReplacePiped},
    {"trunc", "is", Truncate},
    {"substr", "iis", Substring},
    {"repeat", "is", Repeat},
    {"indent", "is", Indent},
    {"nindent", "is", IndentOnNewLine},
    {"alignLeft", "is", AlignLeft},
    {"alignRight", "is", AlignRight},
};

}  // namespace

std::span<const FunctionSpec> StringFunctions() { return kFunctions; }

}  // namespace skald::query
