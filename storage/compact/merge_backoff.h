// Parts that merges leave alone for a while, because a merge that had them failed.
//
// Without it the merge that is most worth it would be tried again and again, and one that cannot
// succeed would keep all others from being tried.
#pragma once

#include <cstdint>
#include <map>

#include "storage/catalog/catalog_state.h"

namespace skald::storage {

// Threads: externally synchronised. Times are monotonic ns.
class MergeBackoff {
 public:
  // Leaves the part alone: ten seconds after the first failure, twice as long after every further
  // one, ten minutes at most.
  void NoteFailure(FileNumber part, int64_t now);
  // True: the part is left alone now.
  bool IsWaiting(FileNumber part, int64_t now) const;
  // Leaves none alone any more.
  void Clear() { parts_.clear(); }

 private:
  struct Wait {
    int64_t delay = 0;
    int64_t until = 0;
  };

  // Those that failed within the last twenty minutes or so.
  std::map<FileNumber, Wait> parts_;
};

}  // namespace skald::storage
