// The listings of rules and alerts. The server evaluates none, so they are empty.
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/http/json_writer.h"
#include "storage/base/go_quote.h"

namespace skald::api {
namespace {

// JSON in Loki's words, and under its content type.
http::Response NotSupported(std::string_view value) {
  http::Text text;
  text.Append(R"({"status":"error","data":null,"errorType":"bad_data","error":)");
  http::JsonWriter(&text).String(StrCat("not supported value ", GoQuote(value)));
  text.Append("}");
  http::Response response = TextResponse("text/plain; charset=utf-8", std::move(text));
  response.status = 400;
  return response;
}

}  // namespace

Reply RuleGroups(const ApiContext&, const Call&) { return NotFound("no rule groups found"); }

Reply PrometheusRules(const ApiContext&, const Call& call) {
  const std::string_view type = call.form.Get("type");
  if (!type.empty() && type != "alert" && type != "record") return NotSupported(type);
  return TextResponse(kPlainJson,
                      R"({"status":"success","data":{"groups":[]},"errorType":"","error":""})");
}

Reply PrometheusAlerts(const ApiContext&, const Call&) {
  return TextResponse(kPlainJson,
                      R"({"status":"success","data":{"alerts":[]},"errorType":"","error":""})");
}

}  // namespace skald::api
