// A part in memory, written and read back row by row: what the tests of part files stand on.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/base/units.h"
#include "storage/part/part_block.h"
#include "storage/part/part_writer.h"
#include "tests/support/memory_file_system.h"
#include "tests/support/random.h"

namespace skald::storage {

struct PartTestRow {
  int64_t time = 0;
  std::string line;
  std::map<std::string, std::string> metadata;
};
struct PartTestStream {
  LabelSet labels;
  std::vector<PartTestRow> rows;  // by time
};

// The labels of the ith of many streams, in part order.
LabelSet StreamLabels(uint64_t i);
// Streams whose sizes, lines and metadata go to all extremes.
std::vector<PartTestStream> RandomStreams(Random* random);

class PartFileFixture : public ::testing::Test {
 protected:
  static constexpr const char* kPath = "/d/p";

  PartFileFixture();

  // Writes the part and opens it as part_.
  void Write(const std::vector<PartTestStream>& streams, const PartProperties& properties = {});
  // Opens it anew, with nothing in the cache.
  void Open();
  // Opens a block with the runs of all its streams.
  std::unique_ptr<PartBlock> OpenBlock(size_t index, std::vector<uint32_t> hidden = {});
  // The part as its blocks show it.
  StatusOr<std::vector<PartTestStream>> ReadAll();
  static StatusOr<std::vector<PartTestRow>> RowsOf(Block* block);
  void ExpectHolds(const std::vector<PartTestStream>& streams);

  MemoryFileSystem files_;
  PageCache cache_{64_MiB};
  uint64_t file_number_ = 0;
  std::shared_ptr<Part> part_;
};

}  // namespace skald::storage
