// What the process says of itself: ready, services, buildinfo, metrics, config, drilldown-limits,
// tenant limits.
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/http/json_writer.h"

namespace skald::api {

Reply Ready(const ApiContext& api, const Call&) {
  switch (api.readiness.load()) {
    case Readiness::kReady: {
      http::Response response = TextResponse(kPlainText, "ready\n");
      response.headers.emplace_back("X-Content-Type-Options", "nosniff");
      return response;
    }
    case Readiness::kStarting:
      return Unavailable("Some services are not Running:\nStarting: 1");
    case Readiness::kStopping:
      return Unavailable("Application is stopping");
  }
  return Internal("no such state");
}

Reply Services(const ApiContext& api, const Call&) {
  const std::string_view state = api.readiness == Readiness::kReady ? "Running" : "Starting";
  std::string text;
  for (const std::string_view service : {"server", "distributor", "ingester", "querier", "store"}) {
    StrAppend(&text, service, " => ", state, "\n");
  }
  return TextResponse(kPlainText, http::Text(text));
}

Reply BuildInfo(const ApiContext&, const Call&) {
  http::Text text;
  http::JsonWriter json(&text);
  json.BeginObject();
  json.Key("version");
  json.String(kLokiVersion);
  for (const std::string_view name :
       {"revision", "branch", "buildUser", "buildDate", "goVersion"}) {
    json.Key(name);
    json.String(name == "branch" ? "skald" : "");
  }
  json.EndObject();
  text.Append("\n");
  return TextResponse(kPlainJson, std::move(text));
}

Reply Metrics(const ApiContext& api, const Call&) {
  return TextResponse("text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
                      http::Text(api.metrics->Expose()));
}

Reply ConfigPage(const ApiContext& api, const Call& call) {
  return TextResponse(kPlainText, http::Text(api.config_yaml(call.form.Get("mode"))));
}

Reply DrilldownLimits(const ApiContext& api, const Call& call) {
  return TextResponse(kPlainJson, http::Text(api.drilldown_limits_json(call.tenant)));
}

Reply TenantLimits(const ApiContext& api, const Call& call) {
  return TextResponse(kPlainText, http::Text(api.tenant_limits_yaml(call.tenant)));
}

}  // namespace skald::api
