#include "query/stage/literal_search.h"

#include <algorithm>

namespace skald::query {
namespace {

constexpr size_t kFirstWindow = 4096;

}  // namespace

LiteralSearch::LiteralSearch(const std::vector<RequiredLiteral>& literals) {
  for (const RequiredLiteral& literal : literals) {
    searchers_.emplace_back(literal.text,
                            literal.fold_case ? LetterCase::kIgnoreAscii : LetterCase::kExact);
    longest_ = std::max(longest_, literal.text.size());
  }
}

// Several literals are searched for in growing windows, so that a rare one does not cost a pass
// over all the text for every hit of a frequent one.
LiteralSearch::Hit LiteralSearch::Find(std::string_view text, size_t from) const {
  if (searchers_.size() == 1) {
    return {searchers_[0].Find(text, from), searchers_[0].needle().size()};
  }
  for (size_t window = kFirstWindow; from < text.size(); window *= 2) {
    // A literal may begin within the window and end behind it.
    std::string_view part = text.substr(0, std::min(text.size(), from + window + longest_));
    Hit best;
    for (const SubstringSearcher& searcher : searchers_) {
      const Hit hit{searcher.Find(part, from), searcher.needle().size()};
      if (hit.offset == std::string_view::npos) continue;
      if (hit.offset < best.offset || (hit.offset == best.offset && hit.size < best.size)) {
        best = hit;
        part = part.substr(0, std::min(part.size(), best.offset + longest_));
      }
    }
    if (best.offset != std::string_view::npos) return best;
    from += std::min(window, text.size() - from);
  }
  return {};
}

bool LiteralSearch::OccursIn(std::string_view text) const {
  return std::any_of(searchers_.begin(), searchers_.end(),
                     [&](const SubstringSearcher& searcher) { return searcher.Contains(text); });
}

}  // namespace skald::query
