// Searches many joined lines for the first of several literals.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "storage/base/substring_search.h"
#include "storage/model/line_matcher.h"

namespace skald::query {

// Threads: immutable.
class LiteralSearch {
 public:
  LiteralSearch() = default;
  // The literals are not empty.
  explicit LiteralSearch(const std::vector<RequiredLiteral>& literals);

  bool empty() const { return searchers_.empty(); }

  struct Hit {
    size_t offset = std::string_view::npos;
    size_t size = 0;  // of the literal found: the shortest that begins there
  };
  // The first place at or after `from` where a literal begins.
  Hit Find(std::string_view text, size_t from) const;

  // True if one of the literals occurs.
  bool OccursIn(std::string_view text) const;

 private:
  std::vector<SubstringSearcher> searchers_;
  size_t longest_ = 0;
};

}  // namespace skald::query
