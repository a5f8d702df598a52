#include "tools/cli/commands.h"
#include "tools/cli/json_document.h"
#include "tools/cli/json_text.h"
#include "tools/cli/loki_client.h"
#include "tools/cli/output.h"
#include "tools/cli/time_text.h"

namespace skald::cli {
namespace {

constexpr std::string_view kPath = "/loki/api/v1/delete";
constexpr int64_t kSecond = 1'000'000'000;

struct DeleteRequest {
  int64_t start = 0;  // seconds
  int64_t end = 0;
  std::string query;
  std::string status;
};

Status SayUnlessQuiet(const Options& options, std::string_view text) {
  return options.quiet ? absl::OkStatus() : StandardOutput().Write(StrCat(text, "\n"));
}

StatusOr<std::vector<DeleteRequest>> FetchRequests(const Options& options) {
  LokiClient client(options);
  ASSIGN_OR_RETURN(std::string body, client.Get(kPath, {}));
  JsonDocument document;
  ASSIGN_OR_RETURN(simdjson::dom::element root, document.Parse(body));
  if (root.is_null()) return std::vector<DeleteRequest>();  // how Go writes a list without items
  simdjson::dom::array items;
  if (root.get(items) != simdjson::SUCCESS) return InvalidArgument("the answer is no list");
  std::vector<DeleteRequest> requests;
  for (auto item : items) {
    requests.push_back({IntegerOf(item["start_time"]), IntegerOf(item["end_time"]),
                        std::string(TextOf(item["query"])), std::string(TextOf(item["status"]))});
  }
  return requests;
}

std::string AsText(const std::vector<DeleteRequest>& requests, const Options& options) {
  absl::TimeZone zone = ZoneNamed(options.print.timezone);
  std::string out;
  if (!options.quiet) out = StrCat("Found ", requests.size(), " delete requests:\n");
  for (const DeleteRequest& request : requests) {
    StrAppend(&out, "Query: ", request.query, "\n");
    StrAppend(&out, "Start Time: ", FormatTimestamp(request.start * kSecond, "rfc3339", zone));
    StrAppend(&out, "\nEnd Time: ", FormatTimestamp(request.end * kSecond, "rfc3339", zone));
    StrAppend(&out, "\nStatus: ", request.status, "\n---\n");
  }
  return out;
}

std::string AsJson(const std::vector<DeleteRequest>& requests) {
  if (requests.empty()) return "[]\n";
  std::string out = "[";
  std::string_view separator = "\n";
  for (const DeleteRequest& request : requests) {
    StrAppend(&out, separator, "  {\n    \"start_time\": ", request.start);
    StrAppend(&out, ",\n    \"end_time\": ", request.end, ",\n    \"query\": ");
    AppendJsonString(&out, request.query);
    out += ",\n    \"status\": ";
    AppendJsonString(&out, request.status);
    out += "\n  }";
    separator = ",\n";
  }
  return out + "\n]\n";
}

}  // namespace

Status RunDeleteCreate(const Options& options) {
  ASSIGN_OR_RETURN(TimeSpan span, SpanOf(options.range, WallClock()));
  UrlQuery query = {{"query", options.query},
                    {"start", StrCat(span.start / kSecond)},
                    {"end", StrCat(span.end / kSecond)}};
  if (!options.max_interval.empty()) query["max_interval"] = options.max_interval;
  LokiClient client(options);
  Status status = client.Request("POST", kPath, query, "Error response from server").status();
  if (!status.ok()) return Annotate(status, "Error creating delete request");
  return SayUnlessQuiet(options, "Delete request created successfully");
}

Status RunDeleteList(const Options& options) {
  auto requests = FetchRequests(options);
  if (!requests.ok()) return Annotate(requests.status(), "Error listing delete requests");
  if (options.print.mode == OutputMode::kJsonLines) {
    return StandardOutput().Write(AsJson(*requests));
  }
  return StandardOutput().Write(AsText(*requests, options));
}

Status RunDeleteCancel(const Options& options) {
  UrlQuery query = {{"request_id", options.request_id}};
  if (options.force) query["force"] = "true";
  LokiClient client(options);
  Status status = client.Request("DELETE", kPath, query, "Error response from server").status();
  if (!status.ok()) return Annotate(status, "Error cancelling delete request");
  return SayUnlessQuiet(options,
                        StrCat("Delete request ", options.request_id, " cancelled successfully"));
}

}  // namespace skald::cli
