// delete: delete requests are made, listed and cancelled.
#include <algorithm>

#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/api/params.h"
#include "server/http/json_writer.h"
#include "storage/base/strings.h"

namespace skald::api {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr size_t kSecondsDigits = 10;

// Seconds in ten digits, or RFC 3339: what other endpoints take besides is refused.
StatusOr<int64_t> ParseDeleteTime(std::string_view text, std::string_view name) {
  const bool is_number = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+';
  });
  const StatusOr<int64_t> time = ParseTimestamp(text);
  const bool is_seconds = text.size() == kSecondsDigits && text.find('.') == text.npos;
  if (time.ok() && (!is_number || is_seconds)) return time;
  return InvalidArgument(StrCat("invalid ", name, " time: require unix seconds or RFC3339 format"));
}

StatusOr<storage::DeleteSpec> ParseSpec(const Call& call) {
  storage::DeleteSpec spec;
  spec.query = call.form.Get("query");
  if (spec.query.empty()) return InvalidArgument("query not set");
  const std::string_view start = call.form.Get("start");
  if (start.empty()) return InvalidArgument("start time not set");
  ASSIGN_OR_RETURN(spec.start, ParseDeleteTime(start, "start"));
  spec.end = call.now;
  if (const std::string_view end = call.form.Get("end"); !end.empty()) {
    ASSIGN_OR_RETURN(spec.end, ParseDeleteTime(end, "end"));
  }
  if (spec.end > call.now) return InvalidArgument("deletes in the future are not allowed");
  if (spec.start >= spec.end) {
    return InvalidArgument("start time can't be greater than or equal to end time");
  }
  return spec;
}

Reply CreateDelete(const ApiContext& api, const Call& call) {
  ASSIGN_OR_RETURN(const storage::DeleteSpec spec, ParseSpec(call));
  StatusOr<std::string> id = api.engine->deletes()->Create(call.tenant, spec);
  if (absl::IsInvalidArgument(id.status())) return InvalidArgument("invalid query expression");
  RETURN_IF_ERROR(id.status());
  http::Response response;
  response.status = 204;
  response.headers.emplace_back("X-Delete-Request-Id", *std::move(id));
  return response;
}

// Times are whole seconds: logcli takes no others.
Reply ListDeletes(const ApiContext& api, const Call& call) {
  http::Text body;
  http::JsonWriter json(&body);
  json.BeginArray();
  for (const storage::DeleteInfo& request : api.engine->deletes()->List(call.tenant)) {
    json.BeginObject();
    json.Key("request_id");
    json.String(request.id);
    json.Key("start_time");
    json.Integer(request.spec.start / kSecond);
    json.Key("end_time");
    json.Integer(request.spec.end / kSecond);
    json.Key("query");
    json.String(request.spec.query, http::JsonEscape::kHtml);
    json.Key("status");
    json.String(request.processed ? "processed" : "received");
    json.Key("created_at");
    json.Integer(request.created_at / kSecond);
    json.Key("user_id");
    json.String("");
    json.EndObject();
  }
  json.EndArray();
  body.Append("\n");
  return TextResponse(kPlainJson, std::move(body));
}

Reply CancelDelete(const ApiContext& api, const Call& call) {
  const std::string_view id = call.form.Get("request_id");
  const bool force = call.form.Get("force") == "true";
  Reply reply(api.engine->deletes()->Cancel(call.tenant, id, force));
  reply.response.status = 204;
  return reply;
}

}  // namespace

Reply Delete(const ApiContext& api, const Call& call) {
  if (!call.settings->deletes_enabled) {
    return absl::PermissionDeniedError("deletion is not available for this tenant");
  }
  if (call.request.method == "GET") return ListDeletes(api, call);
  if (call.request.method == "DELETE") return CancelDelete(api, call);
  return CreateDelete(api, call);
}

}  // namespace skald::api
