#include "tools/bench/load_meter.h"

#include <algorithm>

#include "tools/bench/push_connection.h"

namespace skald::bench {
namespace {

double SecondsSince(LoadMeter::Clock::time_point start) {
  return std::chrono::duration<double>(LoadMeter::Clock::now() - start).count();
}

double SecondsSinceEpoch() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

double Quantile(const std::vector<double>& ascending, double q) {
  if (ascending.empty()) return 0;
  const auto last = static_cast<double>(ascending.size() - 1);
  return ascending[static_cast<size_t>(q * last)];
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
    const double seconds = SecondsSince(begin);
    result_.replies.push_back({SecondsSinceEpoch() - seconds, 1000 * seconds});
  }
}

LoadResult LoadMeter::Result() {
  MutexLock lock(&mutex_);
  result_.seconds = SecondsSince(start_);
  std::vector<double> milliseconds;
  for (const PushReply& reply : result_.replies) milliseconds.push_back(reply.milliseconds);
  std::sort(milliseconds.begin(), milliseconds.end());
  result_.p50 = Quantile(milliseconds, 0.5);
  result_.p90 = Quantile(milliseconds, 0.9);
  result_.p99 = Quantile(milliseconds, 0.99);
  result_.max = Quantile(milliseconds, 1);
  return result_;
}

}  // namespace skald::bench
