// The listings of rules and alerts. The server evaluates none, so they are empty.
#include "server/api/endpoints.h"
#include "server/api/json_response.h"

namespace skald::api {

Reply RuleGroups(const ApiContext&, const Call&) { return NotFound("no rule groups found"); }

Reply PrometheusRules(const ApiContext&, const Call&) {
  return TextResponse(kPlainJson,
                      R"({"status":"success","data":{"groups":[]},"errorType":"","error":""})");
}

Reply PrometheusAlerts(const ApiContext&, const Call&) {
  return TextResponse(kPlainJson,
                      R"({"status":"success","data":{"alerts":[]},"errorType":"","error":""})");
}

}  // namespace skald::api
