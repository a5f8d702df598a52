#include "query/engine/gather.h"

namespace skald::query {
void GatherStreams(std::span<const storage::StreamRun> runs, std::span<const uint32_t> rows,
                   std::vector<uint32_t>* streams) {
  streams->resize(rows.size());
  size_t run = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    while (rows[i] >= runs[run].end) ++run;
    (*streams)[i] = runs[run].stream;
  }
}

}  // namespace skald::query
