// A corpus on disk: ready push bodies, in the order in which agents send them.
//
//   8   magic "SKBENCH1"
//   1   encoding of the bodies (BodyEncoding)
//   per body: u32 lines, u32 bytes of lines, u32 size, then the body; little-endian
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "storage/base/status.h"
#include "tools/bench/push_body.h"

namespace skald::bench {

struct CorpusBody {
  uint32_t lines = 0;
  uint32_t line_bytes = 0;
  std::string bytes;
};

// Threads: externally synchronised.
class CorpusWriter {
 public:
  static StatusOr<CorpusWriter> Create(const std::string& path, BodyEncoding encoding);
  void Add(const CorpusBody& body);
  // Whether everything was written.
  Status Finish();

 private:
  CorpusWriter() = default;
  std::ofstream file_;
};

struct Corpus {
  BodyEncoding encoding = BodyEncoding::kProtobufSnappy;
  std::vector<CorpusBody> bodies;
};

// Reads a whole corpus into memory. InvalidArgument: not one.
StatusOr<Corpus> ReadCorpus(const std::string& path);

}  // namespace skald::bench
