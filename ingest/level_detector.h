// Finds the level of an entry: what Loki calls detected_level.
//
// Runs for every line of every push: it allocates nothing and looks at most lines with a few
// vector instructions per 16 bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/level_fields.h"
#include "storage/model/labels.h"

namespace skald::ingest {

// The level that a value names (`WRN` is warn), or an empty view.
std::string_view NormalizeLevel(std::string_view value);

// Threads: immutable.
class LevelDetector {
 public:
  // `fields` are the names that hold levels, `json_depth` how deep JSON objects are searched.
  LevelDetector(std::vector<std::string> fields, uint32_t json_depth)
      : fields_(std::move(fields)), json_depth_(json_depth) {}

  // The level that a stream's labels give to all its entries, or an empty view. Views live as long
  // as the labels.
  std::string_view OfLabels(const LabelSet& labels) const;

  // The level of an entry; `unknown` when nothing tells it. `stream_level` is what OfLabels gave;
  // `metadata` has sanitised names and no empty values. The result points into the arguments or is
  // static.
  std::string_view Detect(std::string_view stream_level, std::span<const LabelView> metadata,
                          std::string_view line) const;

 private:
  std::string_view OfMetadata(std::span<const LabelView> metadata) const;
  std::string_view OfLine(std::string_view line) const;

  LevelFields fields_;
  uint32_t json_depth_;
};

}  // namespace skald::ingest
