// query_range, query and the legacy query: a LogQL query over a range or at an instant.
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "query/syntax/parser.h"
#include "server/api/endpoints.h"
#include "server/api/errors.h"
#include "server/api/json_response.h"
#include "server/api/params.h"
#include "server/api/query_json.h"
#include "server/api/slow_query_log.h"
#include "server/api/stream_json.h"

namespace skald::api {
namespace {

constexpr std::string_view kDrilldownTag = "Source=grafana-lokiexplore-app";

// True if one of the comma-separated tags is that of Logs Drilldown.
bool IsDrilldown(const http::Request& request) {
  std::string_view tags = request.Header("X-Query-Tags");
  while (!tags.empty()) {
    const size_t comma = std::min(tags.find(','), tags.size());
    if (tags.substr(0, comma) == kDrilldownTag) return true;
    tags.remove_prefix(std::min(comma + 1, tags.size()));
  }
  return false;
}

query::QueryParams BaseParams(const Call& call) {
  query::QueryParams params;
  params.tenant = call.tenant;
  params.limits = call.settings->limits;
  params.stop = call.stop;
  params.memory = call.memory;
  params.drilldown = IsDrilldown(call.request);
  return params;
}

StatusOr<query::QueryParams> RangeParams(const Call& call) {
  query::QueryParams params = BaseParams(call);
  ASSIGN_OR_RETURN(const TimeBounds range, ParseTimeRange(call.form, call.now));
  params.start = range.start;
  params.end = range.end;
  ASSIGN_OR_RETURN(params.limit, ParseLimit(call.form));
  ASSIGN_OR_RETURN(params.direction, ParseDirection(call.form));
  ASSIGN_OR_RETURN(params.step, ParseStep(call.form, range));
  RETURN_IF_ERROR(query::CheckTimeRange(params.start, params.end, params.step));
  ASSIGN_OR_RETURN(params.interval, ParseInterval(call.form));
  return params;
}

StatusOr<query::QueryParams> InstantParams(const Call& call) {
  query::QueryParams params = BaseParams(call);
  ASSIGN_OR_RETURN(params.limit, ParseLimit(call.form));
  ASSIGN_OR_RETURN(params.start, ParseTime(call.form, call.now));
  params.end = params.start;
  ASSIGN_OR_RETURN(params.direction, ParseDirection(call.form));
  params.instant = true;
  return params;
}

// Loki's name for the kind of a query.
std::string_view QueryType(const query::Query& query) {
  if (query.log() == nullptr) return "metric";
  return query.log()->stages.empty() ? "limited" : "filter";
}

// Tells the metrics and the log of a query that has ended.
void Report(const ApiContext& api, const FinishedQuery& query) {
  api.query_metrics->Observe(
      {.status = query.status,
       .type = query.type,
       .range = query.params.instant ? "instant" : "range",
       .duration = query.duration,
       .bytes = query.stats == nullptr ? 0 : query.stats->line_bytes_processed});
  LogIfSlow(query, std::chrono::nanoseconds(api.log_queries_longer_than.load()));
}

using WriteResult = absl::FunctionRef<void(const query::QueryResult&, http::Text*)>;

// Runs a query and answers with what `write` makes of its result.
StatusOr<http::Response> RunQuery(const ApiContext& api, const Call& call,
                                  const query::Query& query, const query::QueryParams& params,
                                  WriteResult write) {
  RETURN_IF_ERROR(query::CheckNotBlocked(call.form.Get("query"), QueryType(query),
                                         params.limits.blocked_queries));
  const StatusOr<query::QueryResult> result = api.queries->Run(query, params);
  const std::chrono::nanoseconds duration(api.clock->WallNanos() - call.now);
  http::Text text(call.memory);
  if (result.ok()) write(*result, &text);
  Status status = result.status();
  status.Update(text.status());
  if (call.RunsAgain(status)) return status;
  Report(api, {.query = call.form.Get("query"),
               .type = QueryType(query),
               .params = params,
               .duration = duration,
               .queued = std::chrono::nanoseconds(call.queue_nanos),
               .status = status.ok() ? 200 : HttpStatusFor(status),
               .stats = result.ok() ? &result->stats : nullptr});
  RETURN_IF_ERROR(status);
  return TextResponse(kQueryJson, std::move(text));
}

StatusOr<http::Response> Answer(const ApiContext& api, const Call& call,
                                query::QueryParams params) {
  ASSIGN_OR_RETURN(const query::Query query, query::ParseQuery(call.form.Get("query")));
  AnswerExtras extras;
  extras.encoding_flags = call.request.Header(kEncodingFlagsHeader);
  extras.queue_nanos = call.queue_nanos;
  params.categorize = WantsCategories(extras.encoding_flags);
  return RunQuery(api, call, query, params,
                  [&](const auto& result, http::Text* text) { WriteAnswer(result, extras, text); });
}

StatusOr<http::Response> AnswerRange(const ApiContext& api, const Call& call) {
  ASSIGN_OR_RETURN(query::QueryParams params, RangeParams(call));
  return Answer(api, call, std::move(params));
}

StatusOr<http::Response> AnswerInstant(const ApiContext& api, const Call& call) {
  ASSIGN_OR_RETURN(query::QueryParams params, InstantParams(call));
  return Answer(api, call, std::move(params));
}

// `regexp` is a line filter at the end of the query.
StatusOr<query::Query> ParseLegacyQuery(const http::Form& form) {
  std::string text(form.Get("query"));
  if (const std::string_view regexp = form.Get("regexp"); !regexp.empty()) {
    text += " |~ ";
    AppendQuoted(&text, regexp);
  }
  return query::ParseQuery(text);
}

StatusOr<http::Response> AnswerLegacy(const ApiContext& api, const Call& call) {
  ASSIGN_OR_RETURN(const query::QueryParams params, RangeParams(call));
  ASSIGN_OR_RETURN(const query::Query query, ParseLegacyQuery(call.form));
  if (query.log() == nullptr) {
    return InvalidArgument("legacy endpoints only support streams result type");
  }
  return RunQuery(api, call, query, params, [&](const auto& result, http::Text* text) {
    WriteLegacyAnswer(result, {.queue_nanos = call.queue_nanos}, text);
  });
}

}  // namespace

Reply QueryRange(const ApiContext& api, const Call& call) { return AnswerRange(api, call); }
Reply QueryInstant(const ApiContext& api, const Call& call) { return AnswerInstant(api, call); }
Reply LegacyQuery(const ApiContext& api, const Call& call) { return AnswerLegacy(api, call); }

}  // namespace skald::api
