#include "query/stage/leading_search.h"

#include <algorithm>
#include <string>
#include <utility>

namespace skald::query {
namespace {

constexpr size_t kMinSearchedFoldSize = 2;
constexpr size_t kMaxSearches = 4;
// What decides, and the least that does.
constexpr size_t kSample = 32 << 10;
constexpr size_t kLeastSample = 4 << 10;

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

using Group = std::vector<RequiredLiteral>;

size_t ShortestSize(const Group& group) {
  size_t shortest = SIZE_MAX;
  for (const RequiredLiteral& literal : group) shortest = std::min(shortest, literal.text.size());
  return shortest;
}

// True if `a` is likely to be rarer and cheaper to search for: few literals, none of them short.
bool IsBetter(const Group& a, const Group& b) {
  return ShortestSize(a) * b.size() > ShortestSize(b) * a.size();
}

size_t CountHits(const LiteralSearch& search, std::string_view text) {
  size_t hits = 0;
  for (size_t at = search.Find(text, 0).offset; at < text.size();
       at = search.Find(text, at + 1).offset) {
    ++hits;
  }
  return hits;
}

}  // namespace

LeadingSearch::LeadingSearch(const RequiredLiterals& groups) {
  std::vector<Group> usable;
  for (const Group& group : groups) {
    Group parts;
    for (const RequiredLiteral& literal : group) parts.push_back(SearchablePart(literal));
    if (!parts.empty() && ShortestSize(parts) > 0) usable.push_back(std::move(parts));
  }
  std::stable_sort(usable.begin(), usable.end(), IsBetter);
  if (usable.size() > kMaxSearches) usable.resize(kMaxSearches);
  for (const Group& group : usable) searches_.emplace_back(group);
}

const LiteralSearch& LeadingSearch::Leader(std::string_view text) const {
  if (searches_.size() == 1) return searches_[0];
  size_t leader = leader_.load(std::memory_order_relaxed);
  if (leader == SIZE_MAX) {
    if (text.size() < kLeastSample) return searches_[0];
    std::vector<size_t> hits;
    for (const LiteralSearch& search : searches_) {
      hits.push_back(CountHits(search, text.substr(0, kSample)));
    }
    leader = static_cast<size_t>(std::min_element(hits.begin(), hits.end()) - hits.begin());
    leader_.store(leader, std::memory_order_relaxed);
  }
  return searches_[leader];
}

size_t LeadingSearch::Find(std::string_view text, size_t from) const {
  return Leader(text).Find(text, from).offset;
}

bool LeadingSearch::AllOccurIn(std::string_view line) const {
  return std::all_of(searches_.begin(), searches_.end(),
                     [&](const LiteralSearch& search) { return search.OccursIn(line); });
}

}  // namespace skald::query
