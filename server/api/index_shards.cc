// index/shards: how a query could be divided. Nobody divides queries by it here, so there is one
// shard, which has everything.
#include "query/engine/metadata.h"
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/api/selector.h"
#include "server/api/stats_json.h"
#include "server/http/json_writer.h"
#include "storage/base/byte_size.h"

namespace skald::api {
namespace {

Status CheckTargetBytes(const http::Form& form) {
  const auto bytes = ParseHumanizedBytes(form.Get("targetBytesPerShard"));
  if (bytes.ok() && *bytes > 0) return absl::OkStatus();
  return InvalidArgument("targetBytesPerShard must be a positive value");
}

StatusOr<http::Response> AnswerShards(const ApiContext& api, const Call& call) {
  ASSIGN_OR_RETURN(const StreamsRequest request,
                   ParseStreamsRequest(api, call, QueryParameter::kRequired));
  RETURN_IF_ERROR(CheckTargetBytes(call.form));
  ASSIGN_OR_RETURN(
      const query::IndexStats stats,
      query::ComputeIndexStats(*request.snapshot, request.matchers,
                               {request.bounds.start, request.bounds.end}, call.stop, call.memory));
  http::Text text;
  http::JsonWriter json(&text);
  json.BeginObject();
  json.Key("shards");
  json.BeginArray();
  json.BeginObject();
  json.Key("bounds");
  json.BeginObject();
  json.Key("min");
  json.String("0000000000000000");
  json.Key("max");
  json.String("ffffffffffffffff");
  json.EndObject();
  json.Key("stats");
  WriteIndexStats(stats, &json);
  json.EndObject();
  json.EndArray();
  json.Key("statistics");
  WriteStats(query::QueryStats(), call.queue_nanos, &json);
  json.EndObject();
  text.Append("\n");
  return TextResponse(kQueryJson, std::move(text));
}

}  // namespace

Reply IndexShards(const ApiContext& api, const Call& call) { return AnswerShards(api, call); }

}  // namespace skald::api
