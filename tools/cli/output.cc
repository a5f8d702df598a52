#include "tools/cli/output.h"

#include <cstdio>

namespace skald::cli {

Status StandardOutput::Write(std::string_view text) {
  bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) return Internal("cannot write to standard output");
  return absl::OkStatus();
}

}  // namespace skald::cli
