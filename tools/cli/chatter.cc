#include "tools/cli/chatter.h"

#include <cstdio>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/base/strings.h"

namespace skald::cli {

void Say(std::string_view message) {
  std::string line = absl::FormatTime("%Y/%m/%d %H:%M:%S ", absl::Now(), absl::LocalTimeZone());
  line += message;
  if (message.empty() || message.back() != '\n') line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace skald::cli
