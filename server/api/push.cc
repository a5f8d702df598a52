// POST /loki/api/v1/push, /api/prom/push and /otlp/v1/logs.
#include "ingest/distributor.h"
#include "server/api/endpoints.h"

namespace skald::api {
namespace {

Reply PushTo(ingest::PushPath path, std::string_view format, const ApiContext& api,
             const Call& call) {
  ingest::PushRequest push;
  push.tenant = call.tenant;
  push.path = path;
  push.content_type = call.request.Header("Content-Type");
  push.content_encoding = call.request.Header("Content-Encoding");
  push.body = call.request.body;
  push.receive_time = call.now;
  ingest::PushResult result = api.distributor->Push(push);
  api.ingest_metrics->Observe({.tenant = call.tenant,
                               .format = format,
                               .user_agent = call.request.Header("User-Agent"),
                               .receive_time = call.now,
                               .result = result});

  Reply reply(std::move(result.status));
  reply.response.status = 204;
  reply.durable_at = result.position;
  return reply;
}

}  // namespace

Reply Push(const ApiContext& api, const Call& call) {
  return PushTo(ingest::PushPath::kLoki, "loki", api, call);
}

Reply LegacyPush(const ApiContext& api, const Call& call) {
  return PushTo(ingest::PushPath::kLegacy, "loki", api, call);
}

Reply OtlpPush(const ApiContext& api, const Call& call) {
  return PushTo(ingest::PushPath::kOtlp, "otlp", api, call);
}

}  // namespace skald::api
