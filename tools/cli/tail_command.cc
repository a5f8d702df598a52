#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "tools/cli/chatter.h"
#include "tools/cli/commands.h"
#include "tools/cli/entry_printer.h"
#include "tools/cli/loki_client.h"
#include "tools/cli/tail_socket.h"
#include "tools/cli/time_text.h"

namespace skald::cli {
namespace {

constexpr int kMaxReconnections = 5;
constexpr auto kMinBackoff = std::chrono::seconds(1);
constexpr auto kMaxBackoff = std::chrono::seconds(10);

std::string TailUrl(const Options& options, int64_t start) {
  UrlQuery query = {{"query", options.query},
                    {"limit", StrCat(options.limit.value_or(30))},
                    {"start", StrCat(start)}};
  if (options.delay_for > 0) query["delay_for"] = StrCat(options.delay_for);
  return ApiUrl(options.connection.address, "/loki/api/v1/tail", query);
}

// Prints frames as they come and remembers how far they went.
class FramePrinter {
 public:
  FramePrinter(const Options& options, int64_t start)
      : options_(options),
        format_(options.print, ColoringFor(options.print)),
        last_time_(start),
        labels_width_(static_cast<size_t>(std::max<int64_t>(options.print.labels_length, 0))) {}

  int64_t last_time() const { return last_time_; }

  Status Print(std::string_view json) {
    ASSIGN_OR_RETURN(TailFrame frame, ParseTailFrame(json));
    for (const LogStream& stream : frame.streams) RETURN_IF_ERROR(PrintStream(stream));
    for (const DroppedEntry& entry : frame.dropped) {
      Say(StrCat("Server dropped following entries due to slow client: ",
                 FormatTimestamp(entry.time, "rfc3339nano", ZoneNamed(options_.print.timezone)),
                 " ", LabelsText(entry.labels)));
    }
    return absl::OkStatus();
  }

 private:
  Status PrintStream(const LogStream& stream) {
    Labels shown = stream.labels;
    std::erase_if(shown, [&](const auto& label) { return !options_.print.Shows(label.first); });
    std::string text = LabelsText(shown);
    std::string whole = LabelsText(stream.labels);
    for (const LogEntry& entry : stream.entries) {
      RETURN_IF_ERROR(output_.Write(
          format_.Format({entry.time, entry.line, &shown, text, whole}, labels_width_)));
      last_time_ = std::max(last_time_, entry.time);
    }
    return absl::OkStatus();
  }

  const Options& options_;
  const EntryFormat format_;
  StandardOutput output_;
  int64_t last_time_;
  const size_t labels_width_;
};

}  // namespace

Status RunTail(const Options& options) {
  if (options.connection.address.compare(0, 4, "http") != 0) {
    return InvalidArgument(
        StrCat("Tailing logs failed: unsupported address ", options.connection.address));
  }
  auto headers = RequestHeaders(options.connection);
  if (!headers.ok()) return Annotate(headers.status(), "Tailing logs failed");
  ASSIGN_OR_RETURN(TimeSpan span, SpanOf(options.range, WallClock()));
  FramePrinter printer(options, span.start);
  auto backoff = kMinBackoff;
  for (int attempt = 0;; ++attempt) {
    std::string url = TailUrl(options, attempt == 0 ? span.start : printer.last_time() + 1);
    if (!options.quiet) Say(StrCat("ws", std::string_view(url).substr(4)));
    bool received = false;
    auto end = ReadTail(options.connection, url, *headers, [&](std::string_view frame) {
      received = true;
      return printer.Print(frame);
    });
    if (end.ok()) return absl::OkStatus();
    if (end.code() == absl::StatusCode::kAborted) {  // the server has had its say: exit code 0
      Say(StrCat("Error reading stream: ", Message(end)));
      return absl::OkStatus();
    }
    bool lost = absl::IsUnavailable(end);
    if (received) {
      attempt = 0;
      backoff = kMinBackoff;
    }
    if (!lost || attempt >= kMaxReconnections) return Annotate(end, "Tailing logs failed");
    Say(StrCat("Connection lost (", Message(end), "), reconnecting"));
    std::this_thread::sleep_for(backoff);
    backoff = std::min(backoff * 2, std::chrono::seconds(kMaxBackoff));
  }
}

}  // namespace skald::cli
