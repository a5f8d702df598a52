// Saves what can be read of a damaged part into a new one.
//
// Rows are taken block by block. A line page that cannot be read costs the rows on it; a metadata
// column its values; anything else of a block, the block. Filters and indexes are made anew. What a
// part cannot do without is its footer, block directory, stream table and label index: without
// these nobody knows where blocks are or whose rows they hold.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/base/file_system.h"
#include "storage/base/status.h"
#include "storage/part/part.h"

namespace skald::inspect {

struct RepairResult {
  uint64_t rows_saved = 0;
  uint64_t rows_lost = 0;
  // One line for every loss, rows and values alike.
  std::vector<std::string> losses;
};

// Writes the readable rows of `part` to a new file `output`, with the footer's properties. The file
// is synced; it is not there if there is an error. DataLoss: no row can be saved.
// AlreadyExists: `output` is there.
StatusOr<RepairResult> RepairPart(FileSystem* files,
                                  const std::shared_ptr<const storage::Part>& part,
                                  const std::string& output);

}  // namespace skald::inspect
