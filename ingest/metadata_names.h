// Turns the names of structured metadata into label names, and a set of pairs into canonical form.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/checked_texts.h"
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
// Entries of a push often share metadata, which may be long: pairs whose texts lie where those of
// the call before do get its result, and no long text is looked at twice.
//
// Threads: externally synchronised.
class MetadataCanonicalizer {
 public:
  // The result is `pairs` itself when it is canonical already, else it lives in `arena`; or it is
  // that of the call before. Texts, pairs and arena must stay until Reset().
  // REQUIRES: CheckMetadataNames(pairs) is OK.
  std::span<const LabelView> Canonicalize(std::span<const LabelView> pairs, Arena* arena);

  // Forgets the calls before.
  void Reset();

 private:
  std::span<const LabelView> Build(std::span<const LabelView> pairs, Arena* arena);
  bool IsCanonical(std::span<const LabelView> pairs);
  bool IsName(std::string_view name);
  std::string_view ReplaceInvalidUtf8(std::string_view value, Arena* arena);

  struct Candidate {
    LabelView pair;
    bool renamed;
    size_t place;  // in the order pushed
  };
  std::vector<Candidate> candidates_;  // reused from call to call
  std::span<const LabelView> pairs_;   // of the call before
  std::span<const LabelView> result_;  // of it
  CheckedTexts names_;
  CheckedTexts values_;
};

}  // namespace skald::ingest
