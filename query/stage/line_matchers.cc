#include "query/stage/line_matchers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "query/stage/regex_literals.h"
#include "storage/model/go_regex.h"

namespace skald::query {
namespace {

constexpr size_t kMinSearchedFoldSize = 2;

// The part of a literal that can be searched for byte by byte: under (?i) the longest one without k
// and s, which also match runes outside ASCII. Empty if there is none worth it.
RequiredLiteral SearchablePart(const RequiredLiteral& literal) {
  if (!literal.fold_case) return literal;
  std::string_view best;
  std::string_view rest = literal.text;
  while (true) {
    const size_t cut = rest.find_first_of("ks");
    const std::string_view part = rest.substr(0, cut);
    if (part.size() > best.size()) best = part;
    if (cut == std::string_view::npos) break;
    rest.remove_prefix(cut + 1);
  }
  if (best.size() < kMinSearchedFoldSize) return {};
  return {std::string(best), true};
}

size_t ShortestSize(const std::vector<RequiredLiteral>& group) {
  size_t shortest = SIZE_MAX;
  for (const RequiredLiteral& literal : group) shortest = std::min(shortest, literal.text.size());
  return shortest;
}

// The group that is best to search for: few literals, none of them short.
LiteralSearch BestSearch(const RequiredLiterals& groups) {
  std::vector<RequiredLiteral> best;
  for (const std::vector<RequiredLiteral>& group : groups) {
    std::vector<RequiredLiteral> parts;
    for (const RequiredLiteral& literal : group) parts.push_back(SearchablePart(literal));
    const size_t size = ShortestSize(parts);
    if (size == 0) continue;
    const bool better = best.empty() || size * best.size() > ShortestSize(best) * parts.size();
    if (better) best = std::move(parts);
  }
  return best.empty() ? LiteralSearch() : LiteralSearch(best);
}

}  // namespace

LineMatcher::Candidate LiteralMatcher::FindCandidate(std::string_view text, size_t from) const {
  const LiteralSearch::Hit hit = search_.Find(text, from);
  if (hit.offset == std::string_view::npos) return {};
  return {hit.offset, hit.size};
}

RegexMatcher::RegexMatcher(std::shared_ptr<const RE2> regex, const RegexNode* tree)
    : regex_(std::move(regex)) {
  if (tree == nullptr) return;
  required_ = FindRegexLiterals(*tree).groups;
  search_ = BestSearch(required_);
}

bool RegexMatcher::Matches(std::string_view line) const {
  if (!search_.empty() && !search_.OccursIn(line)) return false;
  return regex_->Match(ToRe2(line), 0, line.size(), RE2::UNANCHORED, nullptr, 0);
}

LineMatcher::Candidate RegexMatcher::FindCandidate(std::string_view text, size_t from) const {
  return {search_.empty() ? from : search_.Find(text, from).offset, 0};
}

LinePatternMatcher::LinePatternMatcher(std::vector<PatternPiece> pieces)
    : pieces_(std::move(pieces)) {
  const PatternPiece* longest = nullptr;
  for (const PatternPiece& piece : pieces_) {
    if (piece.is_capture) continue;
    required_.push_back({{piece.text, false}});
    if (longest == nullptr || piece.text.size() > longest->text.size()) longest = &piece;
  }
  if (longest != nullptr) search_ = LiteralSearch({{longest->text, false}});
}

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
  return {search_.empty() ? from : search_.Find(text, from).offset, 0};
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
