// One log entry as text, in each output mode.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "tools/cli/options.h"
#include "tools/cli/response.h"

namespace skald::cli {

// Terminal colours: none at all, the same for every stream, or one for each stream.
enum class Coloring { kNone, kPlain, kByStream };

// Colours as the options say, if standard output is a terminal that shows them and NO_COLOR is
// unset.
Coloring ColoringFor(const PrintOptions& options);

// The escape sequence number of a stream's colour: by the FNV-1 hash of its labels' text.
int StreamColor(std::string_view labels_text);

// An entry with what is shown of its labels.
struct ShownEntry {
  int64_t time = 0;
  std::string_view line;
  const Labels* labels = nullptr;  // the stream's, less what is not shown
  std::string_view labels_text;
  std::string_view stream_text;  // the whole stream, for its colour
};

// Threads: immutable.
class EntryFormat {
 public:
  EntryFormat(const PrintOptions& options, Coloring coloring);

  // The entry's line or lines, with the newline at the end. `labels_width` is the width in bytes
  // that labels are padded to.
  std::string Format(const ShownEntry& entry, size_t labels_width) const;

 private:
  std::string FormatDefault(const ShownEntry& entry, size_t labels_width) const;
  std::string FormatJson(const ShownEntry& entry) const;

  const PrintOptions& options_;
  const Coloring coloring_;
  const absl::TimeZone zone_;
};

}  // namespace skald::cli
