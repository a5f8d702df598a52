#include "query/stage/line_matchers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "query/stage/regex_literals.h"
#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

RequiredLiterals LiteralsOf(const std::vector<PatternPiece>& pieces) {
  RequiredLiterals literals;
  for (const PatternPiece& piece : pieces) {
    if (!piece.is_capture) literals.push_back({{piece.text, false}});
  }
  return literals;
}

}  // namespace

LineMatcher::Candidate LiteralMatcher::FindCandidate(std::string_view text, size_t from) const {
  const LiteralSearch::Hit hit = search_.Find(text, from);
  if (hit.offset == std::string_view::npos) return {};
  return {hit.offset, hit.size};
}

RegexMatcher::RegexMatcher(std::shared_ptr<const RE2> regex, const RegexNode* tree)
    : regex_(std::move(regex)),
      required_(tree == nullptr ? RequiredLiterals() : FindRegexLiterals(*tree).groups),
      search_(required_) {}

bool RegexMatcher::Matches(std::string_view line) const {
  if (!search_.AllOccurIn(line)) return false;
  return regex_->Match(ToRe2(line), 0, line.size(), RE2::UNANCHORED, nullptr, 0);
}

LineMatcher::Candidate RegexMatcher::FindCandidate(std::string_view text, size_t from) const {
  return {search_.empty() ? from : search_.Find(text, from), 0};
}

LinePatternMatcher::LinePatternMatcher(std::vector<PatternPiece> pieces)
    : pieces_(std::move(pieces)), required_(LiteralsOf(pieces_)), search_(required_) {}

// Literals are taken at their first occurrence; captures between them hold at least one byte. Only
// the end of the pattern is tied to the end of the line.
bool LinePatternMatcher::Matches(std::string_view line) const {
  if (pieces_.empty()) return line.empty();
  size_t pos = 0;
  bool after_capture = false;
  for (const PatternPiece& piece : pieces_) {
    if (piece.is_capture) {
      after_capture = true;
      continue;
    }
    const size_t found = FindSubstring(line, piece.text, pos);
    if (found == std::string_view::npos || (after_capture && found == pos)) return false;
    pos = found + piece.text.size();
    after_capture = false;
  }
  return after_capture ? pos < line.size() : pos == line.size();
}

LineMatcher::Candidate LinePatternMatcher::FindCandidate(std::string_view text, size_t from) const {
  return {search_.empty() ? from : search_.Find(text, from), 0};
}

bool AnyMatcher::Matches(std::string_view line) const {
  return std::any_of(members_.begin(), members_.end(),
                     [line](const auto& member) { return member->Matches(line); });
}

StatusOr<std::unique_ptr<LineMatcher>> MakeRegexMatcher(std::string_view regex) {
  ASSIGN_OR_RETURN(std::shared_ptr<const RE2> compiled, CompileGoRegex(regex));
  const std::optional<RegexNode> tree = ParseRegexTree(regex);
  if (!tree) return std::make_unique<RegexMatcher>(std::move(compiled), nullptr);
  if (tree->kind == RegexNode::Kind::kEmpty || tree->IsStarOfAnyNotLf()) {
    return std::make_unique<SizeMatcher>(0);
  }
  if (tree->IsPlusOfAny()) return std::make_unique<SizeMatcher>(1);
  RegexLiterals literals = FindRegexLiterals(*tree);
  if (literals.exact) {
    return std::make_unique<LiteralMatcher>(std::move(literals.groups.front()));
  }
  return std::make_unique<RegexMatcher>(std::move(compiled), &*tree);
}

bool MatchesEveryLine(const LineMatcher& matcher) {
  const auto* size = dynamic_cast<const SizeMatcher*>(&matcher);
  return size != nullptr && size->least() == 0;
}

}  // namespace skald::query
