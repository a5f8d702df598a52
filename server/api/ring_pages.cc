// The pages about rings: who shares the work. Here it is one node that has every part, always
// active; it says so in the form in which Loki's pages do.
#include <unistd.h>

#include "absl/time/time.h"
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/http/json_writer.h"

namespace skald::api {
namespace {

constexpr std::string_view kHtml = "text/html";
constexpr std::string_view kNever = "0001-01-01T00:00:00Z";
// The one token: everything from it on, all around the ring, is this node's.
constexpr uint64_t kToken = 0;

std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof(name) - 1) != 0) return "localhost";
  return name;
}

std::string TimeText(int64_t nanos) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixNanos(nanos), absl::UTCTimeZone());
}

std::string_view StateOf(const ApiContext& api) {
  switch (api.readiness.load()) {
    case Readiness::kStarting:
      return "JOINING";
    case Readiness::kReady:
      return "ACTIVE";
    case Readiness::kStopping:
      return "LEAVING";
  }
  return "";
}

void WriteNode(const ApiContext& api, const std::string& now, http::JsonWriter* json) {
  const auto member = [json](std::string_view name, std::string_view value) {
    json->Key(name);
    json->String(value);
  };
  json->BeginObject();
  member("id", HostName());
  member("state", StateOf(api));
  member("address", api.settings.address);
  member("timestamp", now);
  member("registered_timestamp", TimeText(api.settings.start_time));
  json->Key("read_only");
  json->Bool(false);
  member("read_only_updated_timestamp", kNever);
  member("zone", "");
  json->Key("tokens");
  json->BeginArray();
  json->Unsigned(kToken);
  json->EndArray();
  json->EndObject();
}

http::Response JsonPage(const ApiContext& api) {
  const std::string now = TimeText(api.clock->WallNanos());
  http::Text text;
  http::JsonWriter json(&text);
  json.BeginObject();
  json.Key("shards");
  json.BeginArray();
  WriteNode(api, now, &json);
  json.EndArray();
  json.Key("now");
  json.String(now);
  json.EndObject();
  return TextResponse(kPlainJson, std::move(text));
}

http::Response HtmlPage(const ApiContext& api) {
  return TextResponse(
      kHtml,
      http::Text(StrCat(
          "<!DOCTYPE html>\n<html><head><meta charset=\"UTF-8\"><title>Ring Status</title></head>\n"
          "<body><h1>Ring Status</h1><p>Current time: ",
          TimeText(api.clock->WallNanos()),
          "</p>\n<table border=\"1\"><tr><th>Instance ID</th><th>State</th><th>Address</th>"
          "<th>Registered At</th><th>Tokens</th><th>Ownership</th></tr>\n<tr><td>",
          HostName(), "</td><td>", StateOf(api), "</td><td>", api.settings.address, "</td><td>",
          TimeText(api.settings.start_time),
          "</td><td>1</td><td>100%</td></tr></table></body></html>\n")));
}

}  // namespace

Reply RingPage(const ApiContext& api, const Call& call) {
  const bool json =
      call.request.Header("Accept").find("application/json") != std::string_view::npos;
  return json ? JsonPage(api) : HtmlPage(api);
}

Reply MemberlistPage(const ApiContext&, const Call&) {
  return TextResponse("text/plain", "This instance doesn't use memberlist.");
}

}  // namespace skald::api
