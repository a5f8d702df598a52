#include "tools/bench/load_meter.h"

#include <algorithm>

#include "tools/bench/push_connection.h"

namespace skald::bench {
namespace {

double SecondsSince(LoadMeter::Clock::time_point start) {
  return std::chrono::duration<double>(LoadMeter::Clock::now() - start).count();
}

}  // namespace

void LoadMeter::Note(const CorpusBody& body, int64_t status, Clock::time_point begin) {
  MutexLock lock(&mutex_);
  NoteReply(status, begin);
  if (AsksToRepeat(status)) return;
  result_.lines += body.lines;
  result_.line_bytes += body.line_bytes;
}

void LoadMeter::NoteResent(int64_t status, Clock::time_point begin) {
  MutexLock lock(&mutex_);
  NoteReply(status, begin);
  if (!AsksToRepeat(status)) ++result_.resent;
}

void LoadMeter::NoteReply(int64_t status, Clock::time_point begin) {
  ++result_.statuses[status];
  if (AsksToRepeat(status)) {
    ++result_.repeated;
  } else {
    milliseconds_.push_back(1000 * SecondsSince(begin));
  }
}

LoadResult LoadMeter::Result() {
  MutexLock lock(&mutex_);
  result_.seconds = SecondsSince(start_);
  std::sort(milliseconds_.begin(), milliseconds_.end());
  result_.p50 = Quantile(0.5);
  result_.p90 = Quantile(0.9);
  result_.p99 = Quantile(0.99);
  result_.max = Quantile(1);
  return result_;
}

double LoadMeter::Quantile(double q) const {
  if (milliseconds_.empty()) return 0;
  const auto last = static_cast<double>(milliseconds_.size() - 1);
  return milliseconds_[static_cast<size_t>(q * last)];
}

}  // namespace skald::bench
