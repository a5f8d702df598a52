#include "tools/bench/steady_load.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <optional>
#include <thread>
#include <utility>

#include "storage/base/mutex.h"
#include "tools/bench/generator_random.h"

namespace skald::bench {
namespace {

using Clock = LoadMeter::Clock;

// How many bodies a connection keeps to send them again, at most.
constexpr size_t kMaxKept = 8;

int64_t UnixNanoseconds() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The bodies of the load, in the order in which they are complete. Threads: thread-safe.
class BodySource {
 public:
  struct Turn {
    CorpusBody body;
    std::chrono::nanoseconds due{};  // since the load began
  };

  BodySource(const std::vector<Service>& services, const SteadyLoadOptions& options)
      : generator_(services, options.bodies),
        first_time_(UnixNanoseconds()),
        line_nanoseconds_(1e9 * static_cast<double>(generator_.MeanLineBytes(first_time_)) /
                          options.line_bytes_per_second),
        lines_left_(static_cast<uint64_t>(1e9 * options.seconds / line_nanoseconds_)) {}

  // Nothing when the time is over.
  std::optional<Turn> Next() {
    MutexLock lock(&mutex_);
    while (ready_.empty() && lines_left_ > 0) AddLine();
    if (ready_.empty()) return std::nullopt;
    Turn turn{std::move(ready_.front()), std::chrono::nanoseconds(last_time_ - first_time_)};
    ready_.pop_front();
    return turn;
  }

 private:
  void AddLine() SKALD_REQUIRES(mutex_) {
    ++lines_;
    last_time_ =
        first_time_ + static_cast<int64_t>(static_cast<double>(lines_) * line_nanoseconds_);
    if (auto body = generator_.AddLine(last_time_)) ready_.push_back(std::move(*body));
    if (--lines_left_ > 0) return;
    for (CorpusBody& body : generator_.Finish()) ready_.push_back(std::move(body));
  }

  Mutex mutex_;
  BodyGenerator generator_ SKALD_GUARDED_BY(mutex_);
  const int64_t first_time_;
  const double line_nanoseconds_;  // between one line and the next
  uint64_t lines_left_ SKALD_GUARDED_BY(mutex_);
  uint64_t lines_ SKALD_GUARDED_BY(mutex_) = 0;
  int64_t last_time_ SKALD_GUARDED_BY(mutex_) = 0;
  std::deque<CorpusBody> ready_ SKALD_GUARDED_BY(mutex_);
};

class SteadyLoad {
 public:
  SteadyLoad(const std::vector<Service>& services, const SteadyLoadOptions& options)
      : options_(options), source_(services, options) {}

  StatusOr<LoadResult> Run() {
    {
      std::vector<std::jthread> threads;
      for (uint32_t i = 0; i < options_.connections; ++i) {
        threads.emplace_back([this, i] {
          const Status status = RunConnection(i);
          if (status.ok()) return;
          failed_.store(true);
          MutexLock lock(&mutex_);
          failure_ = status;
        });
      }
    }
    MutexLock lock(&mutex_);
    RETURN_IF_ERROR(failure_);
    return meter_.Result();
  }

 private:
  Status RunConnection(uint32_t number) {
    PushConnection connection(options_.target);
    GeneratorRandom chance(options_.bodies.seed + number);
    std::deque<CorpusBody> kept;
    while (!failed_.load()) {
      std::optional<BodySource::Turn> turn = source_.Next();
      if (!turn.has_value()) break;
      std::this_thread::sleep_until(start_ + turn->due);
      RETURN_IF_ERROR(Send(&connection, turn->body, /*resent=*/false));
      if (static_cast<double>(chance.Below(1'000'000)) >= 1e6 * options_.resend) continue;
      kept.push_back(std::move(turn->body));
      if (kept.size() <= chance.Below(kMaxKept)) continue;
      RETURN_IF_ERROR(Send(&connection, kept.front(), /*resent=*/true));
      kept.pop_front();
    }
    for (const CorpusBody& body : kept) {
      RETURN_IF_ERROR(Send(&connection, body, /*resent=*/true));
    }
    return absl::OkStatus();
  }

  Status Send(PushConnection* connection, const CorpusBody& body, bool resent) {
    while (true) {
      const Clock::time_point begin = Clock::now();
      ASSIGN_OR_RETURN(const int64_t status, connection->Post(body.bytes));
      resent ? meter_.NoteResent(status, begin) : meter_.Note(body, status, begin);
      if (!AsksToRepeat(status)) return absl::OkStatus();
      std::this_thread::sleep_for(connection->RetryAfter());
    }
  }

  const SteadyLoadOptions options_;
  const Clock::time_point start_ = Clock::now();
  BodySource source_;
  LoadMeter meter_;
  std::atomic<bool> failed_{false};
  Mutex mutex_;
  Status failure_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace

StatusOr<LoadResult> RunSteadyLoad(const std::vector<Service>& services,
                                   const SteadyLoadOptions& options) {
  return SteadyLoad(services, options).Run();
}

}  // namespace skald::bench
