#include <algorithm>

#include "absl/strings/str_format.h"
#include "storage/base/byte_size.h"
#include "tools/cli/chatter.h"
#include "tools/cli/commands.h"
#include "tools/cli/import_source.h"
#include "tools/cli/import_state.h"
#include "tools/cli/import_target.h"
#include "tools/cli/output.h"

namespace skald::cli {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kShortestWindow = 60 * kSecond;
constexpr int64_t kLongestWindow = 24 * 3600 * kSecond;
// Windows grow and shrink so that each takes about this many pages: the state is written after
// each.
constexpr int64_t kFewPages = 4;
constexpr int64_t kManyPages = 16;

constexpr int64_t kRetries = 5;

std::string Place(const ConnectionOptions& connection) {
  return connection.org_id.empty()
             ? connection.address
             : StrCat(connection.address, " (tenant ", connection.org_id, ")");
}

// The options by which the source is asked: its own connection, and patience.
Options SourceOptions(const Options& options) {
  Options source = options;
  source.connection = options.import.source;
  source.connection.headers.push_back("X-Loki-Response-Encoding-Flags: categorize-labels");
  source.connection.retries = std::max(options.connection.retries, kRetries);
  source.connection.min_backoff = std::max(options.connection.min_backoff, std::chrono::seconds(1));
  source.connection.max_backoff =
      std::max(options.connection.max_backoff, std::chrono::seconds(30));
  source.quiet = true;
  return source;
}

StatusOr<ImportTask> TaskOf(const Options& options) {
  ImportTask task;
  task.source = Place(options.import.source);
  task.target = Place(options.connection);
  task.selector = options.query;
  ASSIGN_OR_RETURN(task.span, SpanOf(options.import.range, WallClock()));
  if (task.source == task.target) {
    return InvalidArgument("source and target are the same server and tenant");
  }
  if (task.span.start >= task.span.end) return InvalidArgument("the range is empty");
  if (options.batch <= 1) return InvalidArgument("--batch must be at least 2");
  if (options.import.window.count() <= 0) return InvalidArgument("--window must be positive");
  return task;
}

// The state to go on from. Bounds of the range that are not given are those of the first run.
StatusOr<ImportState> BeginOrResume(const Options& options) {
  ASSIGN_OR_RETURN(ImportTask task, TaskOf(options));
  ASSIGN_OR_RETURN(std::optional<ImportState> state, ReadImportState(options.import.state_file));
  if (!state.has_value()) return ImportState{task, task.span.start, 0, 0};
  const ImportTask& begun = state->task;
  bool same_start = options.import.range.from.empty() || task.span.start == begun.span.start;
  bool same_end = options.import.range.to.empty() || task.span.end == begun.span.end;
  if (begun.source != task.source || begun.target != task.target ||
      begun.selector != task.selector || !same_start || !same_end) {
    return InvalidArgument(StrCat(options.import.state_file,
                                  " is the state of another import, from ", begun.source, " to ",
                                  begun.target, ": name another file with --state, or remove it"));
  }
  Say(StrCat("going on from ", FormatTimestamp(state->done_until, "rfc3339", ZoneNamed("UTC"))));
  return *std::move(state);
}

// Moves window after window, oldest first.
class Import {
 public:
  Import(const Options& options, ImportState state)
      : options_(options),
        source_options_(SourceOptions(options)),
        state_(std::move(state)),
        source_(source_options_, state_.task.selector),
        target_(options),
        entries_before_(state_.entries),
        bytes_before_(state_.bytes),
        began_(WallClock()) {}

  Status Run() {
    RETURN_IF_ERROR(WriteImportState(options_.import.state_file, state_));
    int64_t length = options_.import.window.count();
    while (state_.done_until < state_.task.span.end) {
      ASSIGN_OR_RETURN(int64_t pages, MoveWindow(length));
      if (pages > kManyPages) length = std::max(length / 2, kShortestWindow);
      if (pages < kFewPages) length = std::min(length * 2, kLongestWindow);
    }
    EndProgress();
    return absl::OkStatus();
  }

  const ImportState& state() const { return state_; }

 private:
  StatusOr<int64_t> MoveWindow(int64_t length) {
    TimeSpan window{state_.done_until,
                    state_.done_until + std::min(length, state_.task.span.end - state_.done_until)};
    ASSIGN_OR_RETURN(int64_t pages,
                     source_.Read(window, [&](const std::vector<LogStream>& streams) {
                       RETURN_IF_ERROR(target_.Push(streams));
                       Tell(window.start);
                       return absl::OkStatus();
                     }));
    state_.done_until = window.end;
    state_.entries = entries_before_ + target_.entries();
    state_.bytes = bytes_before_ + target_.bytes();
    RETURN_IF_ERROR(WriteImportState(options_.import.state_file, state_));
    return pages;
  }

  void Tell(int64_t at) const {
    if (options_.quiet) return;
    const TimeSpan& span = state_.task.span;
    double done = static_cast<double>(at - span.start) / static_cast<double>(span.end - span.start);
    double seconds = std::max(static_cast<double>(WallClock() - began_) / 1e9, 1e-3);
    auto rate = static_cast<uint64_t>(static_cast<double>(target_.bytes()) / seconds);
    ShowProgress(absl::StrFormat(
        "%3.0f %%  at %s  %d entries  %s  %s/s", done * 100,
        FormatTimestamp(at, "rfc3339", ZoneNamed("UTC")), target_.entries(),
        FormatHumanizedBytes(static_cast<uint64_t>(target_.bytes())), FormatHumanizedBytes(rate)));
  }

  const Options& options_;
  const Options source_options_;
  ImportState state_;
  ImportSource source_;
  ImportTarget target_;
  const int64_t entries_before_;
  const int64_t bytes_before_;
  const int64_t began_;
};

}  // namespace

Status RunImport(const Options& options) {
  ASSIGN_OR_RETURN(ImportState state, BeginOrResume(options));
  Import import(options, std::move(state));
  if (Status status = import.Run(); !status.ok()) {
    EndProgress();
    return Annotate(status, "Import stopped (the same command goes on from here)");
  }
  const ImportState& done = import.state();
  return StandardOutput().Write(
      StrCat(done.entries, " entries, ", FormatHumanizedBytes(static_cast<uint64_t>(done.bytes)),
             ", from ", FormatTimestamp(done.task.span.start, "rfc3339", ZoneNamed("UTC")), " to ",
             FormatTimestamp(done.task.span.end, "rfc3339", ZoneNamed("UTC")), "\n"));
}

}  // namespace skald::cli
