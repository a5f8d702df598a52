#include "tools/cli/parallel_download.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>
#include <thread>

#include "tools/cli/chatter.h"
#include "tools/cli/part_file.h"
#include "tools/cli/range_query.h"

namespace skald::cli {
namespace {

constexpr int64_t kMaxWorkers = 256;
constexpr int64_t kMaxJobs = 1'000'000;

std::string Shown(int64_t ns) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%E*S +0000 UTC", absl::FromUnixNanos(ns),
                          absl::UTCTimeZone());
}

// Jobs, who takes them, and which are done. Threads: thread-safe.
class JobBoard {
 public:
  explicit JobBoard(std::vector<TimeSpan> jobs) : jobs_(std::move(jobs)), done_(jobs_.size()) {}

  const std::vector<TimeSpan>& jobs() const { return jobs_; }

  // The next job's number; the count of jobs when none is left or one has failed.
  size_t Take() {
    std::lock_guard lock(mutex_);
    return status_.ok() && next_ < jobs_.size() ? next_++ : jobs_.size();
  }

  void Finish(size_t job, const Status& status) {
    std::lock_guard lock(mutex_);
    done_[job] = true;
    if (status_.ok()) status_ = status;
    changed_.notify_all();
  }

  // Waits until a job is done; the error of the first job that failed, if one has.
  Status Await(size_t job) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_[job] || !status_.ok(); });
    return status_;
  }

 private:
  const std::vector<TimeSpan> jobs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<bool> done_;  // guarded by mutex_
  size_t next_ = 0;         // guarded by mutex_
  Status status_;           // guarded by mutex_
};

Status Download(const Options& options, const TimeSpan& span, int64_t limit, RangeQuery* query) {
  if (options.parallel.part_path_prefix.empty()) {
    StandardOutput output;
    return query->Run(span, limit, &output);
  }
  std::string path = PartPath(options.parallel.part_path_prefix, span);
  if (!options.parallel.overwrite_completed_parts && access(path.c_str(), F_OK) == 0) {
    if (!options.quiet) {
      Say(StrCat("Skip range: ", Shown(span.start), " - ", Shown(span.end),
                 ": already downloaded"));
    }
    return absl::OkStatus();
  }
  PartFile part(path);
  RETURN_IF_ERROR(part.Create());
  RETURN_IF_ERROR(query->Run(span, limit, &part));
  return part.Complete();
}

void Work(const Options& options, int64_t limit, DownloadProgress* progress, JobBoard* board) {
  RangeQuery query(options, progress);
  while (true) {
    size_t job = board->Take();
    if (job == board->jobs().size()) return;
    board->Finish(job, Download(options, board->jobs()[job], limit, &query));
  }
}

Status PrintPart(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return NotFound(StrCat("Merging part files error: open file error: open ", path, ": ",
                           std::strerror(errno)));
  }
  StandardOutput output;
  std::string buffer(size_t{1} << 16, '\0');
  while (file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    RETURN_IF_ERROR(output.Write(std::string_view(buffer.data(), file.gcount())));
  }
  return absl::OkStatus();
}

Status MergeParts(const ParallelOptions& options, JobBoard* board) {
  for (size_t job = 0; job < board->jobs().size(); ++job) {
    RETURN_IF_ERROR(board->Await(job));
    std::string path = PartPath(options.part_path_prefix, board->jobs()[job]);
    RETURN_IF_ERROR(PrintPart(path));
    if (!options.keep_parts) std::remove(path.c_str());
  }
  return absl::OkStatus();
}

Status AwaitAll(JobBoard* board) {
  for (size_t job = 0; job < board->jobs().size(); ++job) RETURN_IF_ERROR(board->Await(job));
  return absl::OkStatus();
}

}  // namespace

std::vector<TimeSpan> CutIntoJobs(const TimeSpan& span, std::chrono::nanoseconds length,
                                  bool forward) {
  std::vector<TimeSpan> jobs;
  for (TimeSpan rest = span; rest.start < rest.end;) {
    int64_t size = std::min(length.count(), rest.end - rest.start);
    if (forward) {
      jobs.push_back({rest.start, rest.start + size});
      rest.start += size;
    } else {
      jobs.push_back({rest.end - size, rest.end});
      rest.end -= size;
    }
  }
  return jobs;
}

Status DownloadInParallel(const Options& options, const TimeSpan& span) {
  const ParallelOptions& parallel = options.parallel;
  bool alone = parallel.max_workers <= 1;  // then the range is one job, and the limit counts
  int64_t length = alone ? std::max<int64_t>(span.end - span.start, 1) : parallel.duration.count();
  if (length <= 0) return InvalidArgument("--parallel-duration must be positive");
  if ((span.end - span.start) / length >= kMaxJobs) {
    return InvalidArgument("--parallel-duration is too short for the range");
  }
  JobBoard board(CutIntoJobs(span, std::chrono::nanoseconds(length), options.forward));
  int64_t limit = alone ? options.limit.value_or(30) : 0;
  auto count = std::clamp<int64_t>(parallel.max_workers, 1, kMaxWorkers);
  DownloadProgress progress(options, span);
  std::vector<std::jthread> workers;
  for (int64_t i = 0; i < std::min<int64_t>(count, std::ssize(board.jobs())); ++i) {
    workers.emplace_back([&] { Work(options, limit, &progress, &board); });
  }
  return parallel.merge_parts ? MergeParts(parallel, &board) : AwaitAll(&board);
}

}  // namespace skald::cli
