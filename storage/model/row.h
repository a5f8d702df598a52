// Rows on their way in: borrowed views into a decoded push.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "storage/model/labels.h"
#include "storage/model/stream.h"

namespace skald {

// The name under which discovery stores the level it found.
inline constexpr std::string_view kDetectedLevel = "detected_level";

// Two rows of a stream are the same row if timestamp, line and metadata are equal; what discovery
// added (detected_level) does not count.
struct Row {
  int64_t timestamp = 0;  // ns
  std::string_view line;
  std::span<const LabelView> metadata;  // as pushed: sanitised, sorted by name, names unique
  std::string_view detected_level;      // found by discovery; empty: none
};

struct StreamRows {
  StreamPtr stream;
  std::span<const Row> rows;  // in the order received
};

}  // namespace skald
