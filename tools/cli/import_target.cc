#include "tools/cli/import_target.h"

#include <algorithm>
#include <thread>

#include "tools/cli/chatter.h"
#include "tools/cli/json_text.h"
#include "tools/cli/loki_client.h"

namespace skald::cli {
namespace {

// A push is sent when it holds this much, or so many entries. Far below any server's burst limits.
constexpr size_t kPushBytes = size_t{1} << 20;
constexpr int64_t kPushEntries = 10'000;

constexpr int kMaxAttempts = 12;
constexpr auto kFirstWait = std::chrono::seconds(1);
constexpr auto kLongestWait = std::chrono::seconds(30);

void AppendLabels(const Labels& labels, std::string* out) {
  *out += '{';
  for (std::string_view separator; const auto& [name, value] : labels) {
    *out += separator;
    AppendJsonString(out, name);
    *out += ':';
    AppendJsonString(out, value);
    separator = ",";
  }
  *out += '}';
}

void AppendEntry(const LogEntry& entry, std::string* out) {
  StrAppend(out, "[\"", entry.time, "\",");
  AppendJsonString(out, entry.line);
  if (!entry.metadata.empty()) {
    *out += ',';
    AppendLabels(entry.metadata, out);
  }
  *out += ']';
}

int64_t BytesOf(const LogEntry& entry) {
  size_t bytes = entry.line.size();
  for (const auto& [name, value] : entry.metadata) bytes += name.size() + value.size();
  return static_cast<int64_t>(bytes);
}

bool MayPass(int http_status) { return http_status == 429 || http_status >= 500; }

}  // namespace

ImportTarget::ImportTarget(const Options& options)
    : options_(options),
      url_(ApiUrl(options.connection.address, "/loki/api/v1/push", {})),
      http_(options.connection),
      pace_(options.import.bytes_per_second) {}

Status ImportTarget::Push(const std::vector<LogStream>& streams) {
  for (const LogStream& stream : streams) {
    bool open = false;  // whether this stream stands in the body
    for (const LogEntry& entry : stream.entries) {
      if (!open) {
        body_ += body_.empty() ? "{\"streams\":[{\"stream\":" : "]},{\"stream\":";
        AppendLabels(stream.labels, &body_);
        body_ += ",\"values\":[";
      } else {
        body_ += ',';
      }
      open = true;
      AppendEntry(entry, &body_);
      pending_bytes_ += BytesOf(entry);
      if (++pending_entries_ < kPushEntries && body_.size() < kPushBytes) continue;
      RETURN_IF_ERROR(Send());
      open = false;
    }
  }
  return Send();
}

Status ImportTarget::Send() {
  if (body_.empty()) return absl::OkStatus();
  body_ += "]}]}";
  ASSIGN_OR_RETURN(std::vector<std::string> headers, RequestHeaders(options_.connection));
  pace_.Wait(pending_bytes_);
  std::chrono::seconds wait = kFirstWait;
  for (int attempt = 1;; ++attempt) {
    auto reply = http_.Send("POST", url_, headers, HttpBody{"application/json", body_});
    if (reply.ok() && reply->status / 100 == 2) break;
    if (reply.ok() && !MayPass(reply->status)) {
      RETURN_IF_ERROR(Refused(*reply));
      break;
    }
    std::string trouble = reply.ok() ? StrCat("status ", reply->status, ": ", reply->body)
                                     : std::string(Message(reply.status()));
    if (attempt == kMaxAttempts) return Unavailable(StrCat("pushing failed: ", trouble));
    if (attempt > 1) Say(StrCat("push failed, trying again: ", trouble));
    std::this_thread::sleep_for(reply.ok() ? std::max(reply->retry_after, wait) : wait);
    wait = std::min(wait * 2, std::chrono::seconds(kLongestWait));
  }
  entries_ += pending_entries_;
  bytes_ += pending_bytes_;
  pending_entries_ = pending_bytes_ = 0;
  body_.clear();
  return absl::OkStatus();
}

Status ImportTarget::Refused(const HttpReply& reply) const {
  if (reply.status == 400 && options_.import.skip_refused) {
    Say(StrCat("refused, and skipped: ", reply.body));
    return absl::OkStatus();
  }
  return InvalidArgument(
      StrCat("the target refuses entries, status ", reply.status, ": ", reply.body));
}

}  // namespace skald::cli
