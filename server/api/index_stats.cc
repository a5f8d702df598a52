// index/stats: streams, entries and bytes behind a selector.
#include "query/engine/metadata.h"
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/api/selector.h"
#include "server/api/stats_json.h"
#include "server/http/json_writer.h"

namespace skald::api {
namespace {

StatusOr<http::Response> AnswerStats(const ApiContext& api, const Call& call) {
  ASSIGN_OR_RETURN(const StreamsRequest request,
                   ParseStreamsRequest(api, call, QueryParameter::kRequired));
  ASSIGN_OR_RETURN(
      const query::IndexStats stats,
      query::ComputeIndexStats(*request.snapshot, request.matchers,
                               {request.bounds.start, request.bounds.end}, call.stop, call.memory));
  http::Text text;
  http::JsonWriter json(&text);
  WriteIndexStats(stats, &json);
  text.Append("\n");
  return TextResponse(kQueryJson, std::move(text));
}

}  // namespace

Reply IndexStats(const ApiContext& api, const Call& call) { return AnswerStats(api, call); }

}  // namespace skald::api
