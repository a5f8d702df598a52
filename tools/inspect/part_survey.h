// What a part is made of and whether it is whole: sizes of columns and sections, encodings, how
// full the filters are, and every piece that cannot be read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/base/status.h"
#include "storage/part/part.h"

namespace skald::inspect {

// Pages of one kind, or a section with its pages.
struct PieceSize {
  uint64_t pages = 0;
  uint64_t stored = 0;      // bytes in the file
  uint64_t raw = 0;         // bytes when decompressed
  uint64_t compressed = 0;  // pages that are stored with zstd

  void Add(const storage::PageInfo& page);
  void Add(const PieceSize& other);
};

struct BlockSurvey {
  storage::BlockInfo info;
  std::map<std::string, PieceSize> columns;  // by name, as PartSurvey's
  double ngram_fill = 0;                     // share of bits set; 0 when the filter was dropped
};

struct PartSurvey {
  std::map<std::string, PieceSize> columns;   // "lines", "times" …, all blocks together
  std::map<std::string, PieceSize> sections;  // "label index" …; filters with their pages
  uint64_t other_bytes = 0;                   // footer and magic numbers
  std::map<std::string, uint64_t> metadata_encodings;  // columns that have it
  std::vector<BlockSurvey> blocks;
  // Of the n-gram filter: blocks whose filter was dropped, and the mean share of bits set in
  // others.
  uint64_t dropped_ngram_filters = 0;
  double ngram_fill = 0;
  // One line for every page, column or section that cannot be read.
  std::vector<std::string> damages;
};

// Reads and decodes everything in the part.
PartSurvey SurveyPart(const std::shared_ptr<const storage::Part>& part);

}  // namespace skald::inspect
