#include "tools/bench/load_generator.h"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "storage/base/mutex.h"
#include "storage/base/strings.h"

namespace skald::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kTooManyRequests = 429;
constexpr int64_t kUnavailable = 503;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

size_t IgnoreReply(char*, size_t size, size_t count, void*) { return size * count; }

// One connection. Threads: used by one thread.
class Connection {
 public:
  Connection(const LoadOptions& options, BodyEncoding encoding) : curl_(curl_easy_init()) {
    AddHeader(StrCat("Content-Type: ", ContentType(encoding)));
    if (const auto coding = ContentEncoding(encoding); !coding.empty()) {
      AddHeader(StrCat("Content-Encoding: ", coding));
    }
    if (!options.tenant.empty()) AddHeader(StrCat("X-Scope-OrgID: ", options.tenant));
    AddHeader("Expect:");
    curl_easy_setopt(curl_, CURLOPT_URL, options.url.c_str());
    curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, IgnoreReply);
    curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  }
  ~Connection() {
    curl_slist_free_all(headers_);
    curl_easy_cleanup(curl_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The HTTP status of the reply.
  StatusOr<int64_t> Post(const std::string& body) {
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDS, body.data());
    curl_easy_setopt(curl_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    const CURLcode code = curl_easy_perform(curl_);
    if (code != CURLE_OK) return absl::UnavailableError(curl_easy_strerror(code));
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  // What the last reply's Retry-After says, or a second.
  std::chrono::seconds RetryAfter() const {
    curl_off_t seconds = 0;
    curl_easy_getinfo(curl_, CURLINFO_RETRY_AFTER, &seconds);
    return std::chrono::seconds(std::max<curl_off_t>(1, seconds));
  }

 private:
  void AddHeader(const std::string& header) {
    headers_ = curl_slist_append(headers_, header.c_str());
  }

  CURL* curl_;
  curl_slist* headers_ = nullptr;
};

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
    result_.seconds = SecondsSince(start_);
    std::sort(milliseconds_.begin(), milliseconds_.end());
    result_.p50 = Quantile(0.5);
    result_.p90 = Quantile(0.9);
    result_.p99 = Quantile(0.99);
    result_.max = Quantile(1);
    return result_;
  }

 private:
  double Quantile(double q) const SKALD_REQUIRES(mutex_) {
    if (milliseconds_.empty()) return 0;
    const auto last = static_cast<double>(milliseconds_.size() - 1);
    return milliseconds_[static_cast<size_t>(q * last)];
  }

  void RunConnection() {
    Connection connection(options_, corpus_.encoding);
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

  Status Send(Connection* connection, const CorpusBody& body) {
    while (true) {
      const Clock::time_point begin = Clock::now();
      ASSIGN_OR_RETURN(const int64_t status, connection->Post(body.bytes));
      const bool again = status == kTooManyRequests || status == kUnavailable;
      Note(body, status, 1000 * SecondsSince(begin), again);
      if (!again) return absl::OkStatus();
      std::this_thread::sleep_for(connection->RetryAfter());
    }
  }

  void Note(const CorpusBody& body, int64_t status, double milliseconds, bool again) {
    MutexLock lock(&mutex_);
    ++result_.statuses[status];
    if (again) {
      ++result_.repeated;
      return;
    }
    result_.lines += body.lines;
    result_.line_bytes += body.line_bytes;
    milliseconds_.push_back(milliseconds);
  }

  const Corpus& corpus_;
  const LoadOptions& options_;
  const Clock::time_point start_ = Clock::now();
  std::atomic<size_t> next_{0};
  std::atomic<uint64_t> bytes_begun_{0};
  std::atomic<bool> failed_{false};
  Mutex mutex_;
  Status failure_ SKALD_GUARDED_BY(mutex_);
  LoadResult result_ SKALD_GUARDED_BY(mutex_);
  std::vector<double> milliseconds_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace

StatusOr<LoadResult> RunLoad(const Corpus& corpus, const LoadOptions& options) {
  return Load(corpus, options).Run();
}

}  // namespace skald::bench
