#include "tools/cli/download_progress.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_format.h"
#include "tools/cli/chatter.h"

namespace skald::cli {
namespace {

constexpr int kBarWidth = 30;
constexpr auto kPatience = std::chrono::seconds(1);

bool IsSilent(const Options& options) {
  bool to_files = !options.parallel.part_path_prefix.empty() && !options.parallel.merge_parts;
  return options.quiet || (!to_files && isatty(STDOUT_FILENO) == 1);
}

}  // namespace

DownloadProgress::DownloadProgress(const Options& options, const TimeSpan& span)
    : silent_(IsSilent(options)),
      whole_(static_cast<double>(std::max<int64_t>(span.end - span.start, 1))),
      began_(std::chrono::steady_clock::now()) {}

DownloadProgress::~DownloadProgress() {
  if (!silent_) EndProgress();
}

void DownloadProgress::Add(int64_t nanoseconds, int64_t entries) {
  int64_t covered = covered_ += nanoseconds;
  int64_t count = entries_ += entries;
  if (silent_ || std::chrono::steady_clock::now() - began_ < kPatience) return;
  double share = std::clamp(static_cast<double>(covered) / whole_, 0.0, 1.0);
  std::string bar(static_cast<size_t>(share * kBarWidth), '#');
  bar.resize(kBarWidth, '.');
  ShowProgress(absl::StrFormat("[%s] %3.0f %%  %d entries", bar, share * 100, count));
}

}  // namespace skald::cli
