// Turns the names of structured metadata into label names, and a set of pairs into canonical form.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/arena.h"
#include "storage/base/status.h"
#include "storage/model/labels.h"

namespace skald::ingest {

// True if `name` needs no change.
bool IsMetadataName(std::string_view name);

// Replaces each run of other bytes than letters and digits by one `_` (runs of `_` likewise), puts
// `key_` before a leading digit, and keeps `__x__` as it is. InvalidArgument with Loki's text when
// nothing but `_` is left or the name is empty.
StatusOr<std::string> SanitizeMetadataName(std::string_view name);

// OK if SanitizeMetadataName would take every name.
Status CheckMetadataNames(std::span<const LabelView> pairs);

// Builds the canonical form of one entry's metadata: names sanitised, invalid UTF-8 in values
// replaced by spaces, sorted by name, names unique (a renamed pair wins over one that had its name,
// otherwise the last wins), empty values dropped.
//
// Threads: externally synchronised.
class MetadataCanonicalizer {
 public:
  // The result is `pairs` itself when it is canonical already, else it lives in `arena`.
  // REQUIRES: CheckMetadataNames(pairs) is OK.
  std::span<const LabelView> Canonicalize(std::span<const LabelView> pairs, Arena* arena);

 private:
  struct Candidate {
    LabelView pair;
    bool renamed;
    size_t place;  // in the order pushed
  };
  std::vector<Candidate> candidates_;  // reused from call to call
};

}  // namespace skald::ingest
