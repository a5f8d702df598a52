// Searches joined lines for what every matching line contains: of several groups of literals one of
// each.
//
// A search for one group finds candidates; which group is the rarest depends on the lines. The
// first text of some length decides, and that group leads from then on.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "query/stage/literal_search.h"
#include "storage/model/line_matcher.h"

namespace skald::query {

// Threads: thread-safe.
class LeadingSearch {
 public:
  // Keeps the groups that are worth a search.
  explicit LeadingSearch(const RequiredLiterals& groups);

  // True if no group is.
  bool empty() const { return searches_.empty(); }
  // The first place at or after `from` that could lie in a line with a literal of each group, or
  // npos.
  size_t Find(std::string_view text, size_t from) const;
  // True if a literal of each group occurs.
  bool AllOccurIn(std::string_view line) const;

 private:
  const LiteralSearch& Leader(std::string_view text) const;

  std::vector<LiteralSearch> searches_;           // the one that is likely to be rarest first
  mutable std::atomic<size_t> leader_{SIZE_MAX};  // SIZE_MAX: not decided
};

}  // namespace skald::query
