// The file that one job of a parallel download writes.
#pragma once

#include <fstream>
#include <string>
#include <string_view>

#include "tools/cli/output.h"
#include "tools/cli/time_text.h"

namespace skald::cli {

// `<prefix>_20060102T150405_20060102T150405.part`, in UTC.
std::string PartPath(std::string_view prefix, const TimeSpan& span);

// Writes to `<path>.tmp`, which takes its own name only when complete: a part that exists under its
// own name needs no second download. Threads: externally synchronised.
class PartFile : public Output {
 public:
  explicit PartFile(std::string path) : path_(std::move(path)) {}

  Status Create();
  Status Write(std::string_view text) override;
  Status Complete();

 private:
  const std::string path_;
  std::ofstream file_;
};

}  // namespace skald::cli
