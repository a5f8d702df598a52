#include "tools/bench/load_generator.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "storage/base/mutex.h"

namespace skald::bench {
namespace {

using Clock = LoadMeter::Clock;

class Load {
 public:
  Load(const Corpus& corpus, const LoadOptions& options) : corpus_(corpus), options_(options) {}

  StatusOr<LoadResult> Run() {
    {
      std::vector<std::jthread> threads;
      for (uint32_t i = 0; i < options_.connections; ++i) {
        threads.emplace_back([this] { RunConnection(); });
      }
    }
    MutexLock lock(&mutex_);
    RETURN_IF_ERROR(failure_);
    return meter_.Result();
  }

 private:
  void RunConnection() {
    PushConnection connection(options_.target);
    while (!failed_.load()) {
      const size_t index = next_.fetch_add(1);
      if (index >= corpus_.bodies.size()) return;
      const CorpusBody& body = corpus_.bodies[index];
      WaitForTurn(body);
      const Status sent = Send(&connection, body);
      if (sent.ok()) continue;
      MutexLock lock(&mutex_);
      failure_ = sent;
      failed_.store(true);
    }
  }

  // Keeps to the rate that was asked for.
  void WaitForTurn(const CorpusBody& body) {
    const uint64_t before = bytes_begun_.fetch_add(body.line_bytes);
    if (options_.line_bytes_per_second <= 0) return;
    const double due = static_cast<double>(before) / options_.line_bytes_per_second;
    std::this_thread::sleep_until(
        start_ + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(due)));
  }

  Status Send(PushConnection* connection, const CorpusBody& body) {
    while (true) {
      const Clock::time_point begin = Clock::now();
      ASSIGN_OR_RETURN(const int64_t status, connection->Post(body.bytes));
      meter_.Note(body, status, begin);
      if (!AsksToRepeat(status)) return absl::OkStatus();
      std::this_thread::sleep_for(connection->RetryAfter());
    }
  }

  const Corpus& corpus_;
  const LoadOptions& options_;
  const Clock::time_point start_ = Clock::now();
  std::atomic<size_t> next_{0};
  std::atomic<uint64_t> bytes_begun_{0};
  std::atomic<bool> failed_{false};
  LoadMeter meter_;
  Mutex mutex_;
  Status failure_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace

StatusOr<LoadResult> RunLoad(const Corpus& corpus, const LoadOptions& options) {
  return Load(corpus, options).Run();
}

}  // namespace skald::bench
