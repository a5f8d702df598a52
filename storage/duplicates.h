// Finds rows that two sources of a stream both hold: agents resend what was stored but not
// acknowledged in time. The earlier copy stays visible, the later one is hidden.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/base/status.h"
#include "storage/source_rows.h"

namespace skald::storage {

// The ids (SourceRows::id) of a row in both sources.
struct DuplicateRow {
  uint64_t earlier;
  uint64_t later;
};

// The rows of `later` that `earlier` has too, ascending in row order. Contents are compared only
// where times coincide.
StatusOr<std::vector<DuplicateRow>> FindDuplicates(SourceRows* earlier, SourceRows* later);

}  // namespace skald::storage
