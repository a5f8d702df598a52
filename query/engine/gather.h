// Picks rows of a block's columns for a batch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/base/arena.h"
#include "storage/model/column.h"
#include "storage/reader.h"

namespace skald::query {

// The cells of `rows` (ascending). Values are borrowed; codes and views are copied to `arena`
// where the rows are not neighbours.
StringColumn GatherColumn(const StringColumn& column, std::span<const uint32_t> rows, Arena* arena);

// The stream of each of `rows` (ascending).
void GatherStreams(std::span<const storage::StreamRun> runs, std::span<const uint32_t> rows,
                   std::vector<uint32_t>* streams);

}  // namespace skald::query
