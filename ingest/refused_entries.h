// Which entries of a push were refused, as a set of ordinals over the whole push, and its form in
// the log: replay must leave out the same entries without asking the clock or a rate limit again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/row_set.h"
#include "storage/base/status.h"

namespace skald::ingest {

// Runs of refused entries: for each, the accepted entries before it and its length, as varints.
// Empty when nothing was refused.
std::string EncodeRefused(const RowSet& refused);

// DataLoss if the bytes are no such list or it passes `entry_count`.
StatusOr<RowSet> DecodeRefused(std::string_view bytes, uint32_t entry_count);

}  // namespace skald::ingest
