// Finds the streams of a batch's rows.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "storage/reader.h"

namespace skald::query {

// The stream of each of `rows` (ascending).
void GatherStreams(std::span<const storage::StreamRun> runs, std::span<const uint32_t> rows,
                   std::vector<uint32_t>* streams);

}  // namespace skald::query
