// ingester/shutdown and ingester/prepare_shutdown: ending the process by request.
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "storage/base/log.h"

namespace skald::api {
namespace {

http::Response NoContent() {
  http::Response response;
  response.status = 204;
  return response;
}

bool Flag(const http::Form& form, std::string_view name, bool absent) {
  const std::string_view text = form.Get(name);
  return text.empty() ? absent : text == "true";
}

}  // namespace

Reply Shutdown(const ApiContext& api, const Call& call) {
  if (api.readiness == Readiness::kStopping) return Unavailable("Application is stopping");
  if (api.readiness == Readiness::kStarting) return Unavailable("the server is starting");
  const bool flush = Flag(call.form, "flush", true);
  const bool terminate = Flag(call.form, "terminate", true);
  SKALD_LOG(kInfo, "shutdown was asked for", {{"flush", flush}, {"terminate", terminate}});
  if (flush) {
    if (Status flushed = api.engine->Flush(); !flushed.ok()) return flushed;
  }
  if (terminate) api.request_stop();
  return NoContent();
}

// Everything is flushed when the process ends, so there is nothing to prepare: what was asked for
// is remembered and told.
Reply PrepareShutdown(const ApiContext& api, const Call& call) {
  if (call.request.method == "GET") {
    return TextResponse("text/plain", api.shutdown_prepared ? "set" : "unset");
  }
  api.shutdown_prepared = call.request.method == "POST";
  return NoContent();
}

}  // namespace skald::api
