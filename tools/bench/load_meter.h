// What a load did to a server: replies, lines taken, latencies.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "storage/base/mutex.h"
#include "tools/bench/corpus_file.h"

namespace skald::bench {

// The reply to a push that was taken.
struct PushReply {
  double began;         // when the push began, in seconds since the epoch
  double milliseconds;  // from the first byte sent to the reply
};

struct LoadResult {
  double seconds = 0;
  uint64_t lines = 0;
  uint64_t line_bytes = 0;
  std::map<int64_t, uint64_t> statuses;  // HTTP status -> replies
  uint64_t repeated = 0;                 // pushes sent again after a 429 or 503
  uint64_t resent = 0;                   // pushes sent again though they had been taken
  // Of the pushes that were taken; the quantiles in milliseconds.
  std::vector<PushReply> replies;  // in their order
  double p50 = 0;
  double p90 = 0;
  double p99 = 0;
  double max = 0;
};

// Threads: thread-safe.
class LoadMeter {
 public:
  using Clock = std::chrono::steady_clock;

  // A reply to a push that began at `begin`.
  void Note(const CorpusBody& body, int64_t status, Clock::time_point begin);
  // The same, for a body that was taken before: its lines count no more.
  void NoteResent(int64_t status, Clock::time_point begin);

  // REQUIRES: no Note is under way.
  LoadResult Result();

 private:
  void NoteReply(int64_t status, Clock::time_point begin) SKALD_REQUIRES(mutex_);

  const Clock::time_point start_ = Clock::now();
  Mutex mutex_;
  LoadResult result_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald::bench
