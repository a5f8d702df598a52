#include "storage/base/log_rate_limit.h"

namespace skald {
namespace {
constexpr int64_t kSecond = 1'000'000'000;
}  // namespace

std::optional<uint64_t> LogRateLimit::Admit(const char* file, int line, int64_t monotonic_nanos) {
  MutexLock lock(&mutex_);
  Site& site = sites_[{file, line}];
  if (site.lines == 0 || monotonic_nanos - site.window_begin >= kSecond) {
    site.window_begin = monotonic_nanos;
    site.lines = 0;
  }
  if (site.lines >= kLinesPerSecond) {
    ++site.dropped;
    return std::nullopt;
  }
  ++site.lines;
  return std::exchange(site.dropped, 0);
}

}  // namespace skald
