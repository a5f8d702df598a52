// Regular expressions, matched and expanded as Go's regexp package does.
#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "query/template/template_functions.h"
#include "query/template/unicode_case.h"
#include "storage/base/utf8.h"
#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

using Groups = absl::InlinedVector<re2::StringPiece, 8>;

// Walks the matches that Go's regexp package finds in a text: leftmost, not overlapping, and no
// empty match right behind another match.
class Matches {
 public:
  // `group_count` submatches are kept, the whole match being the first.
  Matches(const RE2& regex, std::string_view text, size_t group_count)
      : regex_(regex), text_(text), groups_(group_count) {}

  bool Next() {
    while (at_ <= text_.size()) {
      if (!regex_.Match(ToRe2(text_), at_, text_.size(), RE2::UNANCHORED, groups_.data(),
                        static_cast<int>(groups_.size()))) {
        return false;
      }
      const size_t match_begin = static_cast<size_t>(groups_[0].data() - text_.data());
      const size_t match_end = match_begin + groups_[0].size();
      const bool accepted = match_end > last_end_ || match_begin == 0;
      Advance(match_end);
      if (!accepted) continue;
      begin_ = match_begin;
      last_end_ = match_end;
      return true;
    }
    return false;
  }

  size_t begin() const { return begin_; }
  size_t end() const { return last_end_; }
  const Groups& groups() const { return groups_; }

 private:
  void Advance(size_t match_end) {
    const size_t rune = std::max<size_t>(1, DecodeRune(text_.substr(at_)).size);
    at_ = match_end > at_ ? match_end : at_ + rune;
  }

  const RE2& regex_;
  const std::string_view text_;
  Groups groups_;
  size_t at_ = 0;
  size_t begin_ = 0;
  size_t last_end_ = 0;
};

// A reference in a replacement: `$1`, `$name`, `${name}`; `size` is 0 when it is none.
struct Reference {
  std::string_view name;
  size_t size = 0;
};

Reference ReferenceAt(std::string_view text) {
  const bool braces = text.size() > 1 && text[1] == '{';
  const size_t begin = braces ? 2 : 1;
  size_t end = begin;
  while (end < text.size()) {
    const DecodedRune rune = DecodeRune(text.substr(end));
    if (rune.rune != '_' && !IsLetterOrDigit(rune.rune)) break;
    end += rune.size;
  }
  if (end == begin || (braces && (end >= text.size() || text[end] != '}'))) return {};
  return {text.substr(begin, end - begin), end + (braces ? 1 : 0)};
}

// The text of the group that a reference names; empty when there is none.
std::string_view GroupText(const RE2& regex, const Groups& groups, std::string_view name) {
  size_t index = 0;
  constexpr size_t kTooMany = 1000000;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool leading_zero = name.size() > 1 && name[0] == '0';
  if (!leading_zero && std::all_of(name.begin(), name.end(), is_digit)) {
    for (const char c : name) {
      index = std::min(index * 10 + static_cast<size_t>(c - '0'), kTooMany);
    }
  } else {
    const auto& names = regex.NamedCapturingGroups();
    const auto found = names.find(std::string(name));
    if (found == names.end()) return {};
    index = static_cast<size_t>(found->second);
  }
  if (index >= groups.size()) return {};
  return {groups[index].data(), groups[index].size()};
}

void AppendExpanded(std::string* out, std::string_view replacement, const RE2& regex,
                    const Groups& groups) {
  while (true) {
    const size_t dollar = replacement.find('$');
    out->append(replacement.substr(0, dollar));
    if (dollar == std::string_view::npos) return;
    replacement.remove_prefix(dollar);
    if (replacement.substr(0, 2) == "$$") {
      out->push_back('$');
      replacement.remove_prefix(2);
      continue;
    }
    const Reference reference = ReferenceAt(replacement);
    if (reference.size == 0) {
      out->push_back('$');
      replacement.remove_prefix(1);
      continue;
    }
    out->append(GroupText(regex, groups, reference.name));
    replacement.remove_prefix(reference.size);
  }
}

StatusOr<Value> ReplaceMatches(const FunctionCall& call, bool literal) {
  ASSIGN_OR_RETURN(const RE2* regex, call.Regex());
  const std::string_view text = call.String(1);
  const std::string_view replacement = call.String(2);
  const bool plain = literal || replacement.find('$') == std::string_view::npos;
  const size_t groups = plain ? 1 : 1 + static_cast<size_t>(regex->NumberOfCapturingGroups());
  Matches matches(*regex, text, groups);
  std::string* const out = call.NewText();
  size_t copied = 0;
  while (matches.Next()) {
    out->append(text.substr(copied, matches.begin() - copied));
    if (plain) {
      out->append(replacement);
    } else {
      AppendExpanded(out, replacement, *regex, matches.groups());
    }
    RETURN_IF_ERROR(call.SpendMatch(*regex, matches.end() - copied));
    copied = matches.end();
    RETURN_IF_ERROR(call.CheckText());
  }
  if (copied == 0 && out->empty()) return Value::String(text);
  out->append(text.substr(copied));
  return call.TextValue();
}

StatusOr<Value> RegexReplaceAll(const FunctionCall& call) { return ReplaceMatches(call, false); }
StatusOr<Value> RegexReplaceAllLiteral(const FunctionCall& call) {
  return ReplaceMatches(call, true);
}

StatusOr<Value> Count(const FunctionCall& call) {
  ASSIGN_OR_RETURN(const RE2* regex, call.Regex());
  Matches matches(*regex, call.String(1), 1);
  int64_t count = 0;
  for (size_t counted = 0; matches.Next(); counted = matches.end()) {
    ++count;
    RETURN_IF_ERROR(call.SpendMatch(*regex, matches.end() - counted));
  }
  return Value::Int(count);
}

constexpr FunctionSpec kFunctions[] = {
    {"regexReplaceAll", "sss", RegexReplaceAll, true},
    {"regexReplaceAllLiteral", "sss", RegexReplaceAllLiteral, true},
    {"count", "ss", Count, true},
};

}  // namespace

std::span<const FunctionSpec> RegexFunctions() { return kFunctions; }

}  // namespace skald::query
