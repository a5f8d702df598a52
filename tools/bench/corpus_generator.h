// Makes a corpus: lines of all services in the order of their times, in push bodies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/base/status.h"
#include "tools/bench/body_generator.h"
#include "tools/bench/service.h"

namespace skald::bench {

struct CorpusOptions {
  uint64_t line_bytes = 0;  // about so many bytes of lines in all
  int64_t end = 0;          // ns; of the last line, about
  int64_t span = 0;         // ns
  BodyOptions bodies;
};

struct CorpusSummary {
  uint64_t lines = 0;
  uint64_t line_bytes = 0;
  uint64_t streams = 0;
  uint64_t bodies = 0;
  int64_t start = 0;  // ns
  int64_t end = 0;
  std::string trace;  // one that some lines in the middle have
};

// Writes the corpus to `path`.
StatusOr<CorpusSummary> GenerateCorpus(const std::vector<Service>& services,
                                       const CorpusOptions& options, const std::string& path);

}  // namespace skald::bench
