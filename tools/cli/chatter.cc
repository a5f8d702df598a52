#include "tools/cli/chatter.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/base/strings.h"

namespace skald::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kLeastTimeBetweenShows = std::chrono::milliseconds(100);
constexpr std::string_view kEraseLine = "\r\x1b[K";

// The terminal's last line. Threads: thread-safe.
class ProgressLine {
 public:
  void Show(std::string_view text) {
    static const bool terminal = isatty(STDERR_FILENO) == 1;
    std::lock_guard lock(mutex_);
    auto now = Clock::now();
    if (!terminal || (shown_ && now - last_ < kLeastTimeBetweenShows)) return;
    Write(StrCat(kEraseLine, text));
    last_ = now;
    shown_ = true;
  }

  // Writes `line` where the progress was.
  void Replace(std::string_view line) {
    std::lock_guard lock(mutex_);
    Write(shown_ ? StrCat(kEraseLine, line) : std::string(line));
    shown_ = false;
  }

 private:
  static void Write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

  std::mutex mutex_;
  bool shown_ = false;      // guarded by mutex_
  Clock::time_point last_;  // guarded by mutex_
};

ProgressLine& TheProgressLine() {
  static ProgressLine line;
  return line;
}

}  // namespace

void Say(std::string_view message) {
  std::string line = absl::FormatTime("%Y/%m/%d %H:%M:%S ", absl::Now(), absl::LocalTimeZone());
  line += message;
  if (message.empty() || message.back() != '\n') line += '\n';
  TheProgressLine().Replace(line);
}

void ShowProgress(std::string_view text) { TheProgressLine().Show(text); }

void EndProgress() { TheProgressLine().Replace(""); }

}  // namespace skald::cli
