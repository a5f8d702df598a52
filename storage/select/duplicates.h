// Finds rows that two blocks of a stream both hold: agents resend what was stored but not
// acknowledged in time. The earlier copy stays visible, the later one is hidden.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/base/status.h"
#include "storage/select/source_rows.h"

namespace skald::storage {

// Rows that follow each other in both sources, by their ids (SourceRows::id), which do too: a body
// that was sent twice makes few runs. Rows of a memtable make runs of one.
struct DuplicateRun {
  uint64_t earlier;  // of the first row
  uint64_t later;
  uint64_t rows;
};

// Appends the rows of `later` that `earlier` has too, ascending. Contents are compared only where
// times coincide.
Status FindDuplicates(SourceRows* earlier, SourceRows* later, std::vector<DuplicateRun>* found);

}  // namespace skald::storage
