// Where answers go: standard output, or a part file.
#pragma once

#include <string_view>

#include "storage/base/status.h"

namespace skald::cli {

// Threads: as the implementation says.
class Output {
 public:
  virtual ~Output() = default;
  virtual Status Write(std::string_view text) = 0;
};

// Threads: thread-safe; one Write stays together.
class StandardOutput : public Output {
 public:
  Status Write(std::string_view text) override;
};

}  // namespace skald::cli
