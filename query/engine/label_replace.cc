#include "query/engine/label_replace.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <string>

#include "query/engine/series_table.h"
#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

bool IsWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// A replacement text as Go's Regexp.Expand reads it: literal pieces and references to groups.
class Replacement {
 public:
  Replacement(std::string_view text, const RE2& regex) {
    const std::map<std::string, int>& names = regex.NamedCapturingGroups();
    while (!text.empty()) {
      const size_t dollar = std::min(text.find('$'), text.size());
      literal_.append(text.substr(0, dollar));
      text.remove_prefix(dollar);
      if (!text.empty()) TakeReference(&text, names, regex.NumberOfCapturingGroups());
    }
    pieces_.push_back({std::move(literal_), kNoGroup});
  }

  // The size of what Expand returns.
  uint64_t SizeOf(const std::vector<re2::StringPiece>& groups) const {
    uint64_t bytes = 0;
    for (const Piece& piece : pieces_) {
      bytes += piece.literal.size();
      if (piece.group != kNoGroup) bytes += groups[static_cast<size_t>(piece.group)].size();
    }
    return bytes;
  }

  std::string Expand(const std::vector<re2::StringPiece>& groups) const {
    std::string out;
    for (const Piece& piece : pieces_) {
      out += piece.literal;
      if (piece.group == kNoGroup) continue;
      const re2::StringPiece& group = groups[static_cast<size_t>(piece.group)];
      out.append(group.data() == nullptr ? "" : group.data(), group.size());
    }
    return out;
  }

 private:
  static constexpr int kNoGroup = -1;
  struct Piece {
    std::string literal;
    int group;
  };

  // Reads `$name`, `${name}` or `$$` at the start of `text`; any other `$` is a literal.
  void TakeReference(std::string_view* text, const std::map<std::string, int>& names, int groups) {
    if (text->substr(0, 2) == "$$") {
      literal_ += '$';
      text->remove_prefix(2);
      return;
    }
    const bool braced = text->size() > 1 && (*text)[1] == '{';
    const size_t begin = braced ? 2 : 1;
    size_t end = begin;
    while (end < text->size() && IsWord((*text)[end])) ++end;
    if (end == begin || (braced && (end == text->size() || (*text)[end] != '}'))) {
      literal_ += '$';
      text->remove_prefix(1);
      return;
    }
    const int group = GroupOf(text->substr(begin, end - begin), names, groups);
    pieces_.push_back({std::move(literal_), group});
    literal_.clear();
    text->remove_prefix(braced ? end + 1 : end);
  }

  // The number of a group given by number or name; unknown groups are empty.
  static int GroupOf(std::string_view name, const std::map<std::string, int>& names, int groups) {
    const bool digits =
        std::all_of(name.begin(), name.end(), [](char c) { return '0' <= c && c <= '9'; });
    if (!digits) {
      const auto at = names.find(std::string(name));
      return at == names.end() ? kNoGroup : at->second;
    }
    if (name.size() > 4) return kNoGroup;
    const int number = std::stoi(std::string(name));
    return number <= groups ? number : kNoGroup;
  }

  std::string literal_;
  std::vector<Piece> pieces_;
};

std::string_view ValueOf(std::span<const LabelView> labels, std::string_view name) {
  for (const LabelView& label : labels) {
    if (label.name == name) return label.value;
  }
  return {};
}

// `labels` with `name` set to `value`; labels with empty values go.
std::span<const LabelView> WithLabel(std::span<const LabelView> labels, std::string_view name,
                                     std::string_view value, Arena* arena) {
  std::vector<LabelView> result;
  for (const LabelView& label : labels) {
    if (label.name != name && !label.value.empty()) result.push_back(label);
  }
  if (!value.empty()) {
    const LabelView added{name, value};
    result.insert(std::lower_bound(result.begin(), result.end(), added), added);
  }
  return CopyLabels(result, arena);
}

}  // namespace

Status ReplaceLabels(const LabelReplaceExpr& expr, const StopToken* stop, Arena* arena,
                     MemoryCharge* charge, std::vector<Series>* series) {
  ASSIGN_OR_RETURN(const std::shared_ptr<const RE2> regex,
                   CompileGoRegex(StrCat("^(?:", expr.regex, ")$")));
  const Replacement replacement(expr.replacement, *regex);
  std::vector<re2::StringPiece> groups(static_cast<size_t>(regex->NumberOfCapturingGroups()) + 1);
  for (Series& one : *series) {
    const std::string_view source = ValueOf(one.labels, expr.source);
    if (!regex->Match(ToRe2(source), 0, source.size(), RE2::ANCHOR_BOTH, groups.data(),
                      static_cast<int>(groups.size()))) {
      continue;
    }
    // The text exists twice, before it is copied into the arena.
    const uint64_t size = replacement.SizeOf(groups);
    RETURN_IF_ERROR(Spend(stop, size));
    RETURN_IF_ERROR(charge->Add(MemoryOf(one.labels) + 2 * size));
    one.labels = WithLabel(one.labels, expr.target, replacement.Expand(groups), arena);
  }
  return absl::OkStatus();
}

}  // namespace skald::query
