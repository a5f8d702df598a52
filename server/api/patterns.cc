// patterns: what the lines of some streams look like, and how often at which time.
#include "query/engine/patterns.h"

#include <algorithm>

#include "query/engine/tenant_union.h"
#include "query/syntax/parser.h"
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/api/selector.h"
#include "server/http/json_writer.h"

namespace skald::api {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
// Counts are not told apart any finer.
constexpr int64_t kMinStep = 10 * kNanosPerSecond;

// Line filters and other stages do not count: patterns are those of whole streams.
StatusOr<std::vector<Matcher>> ParseStreams(const http::Form& form) {
  const StatusOr<query::Query> query = query::ParseQuery(form.Get("query"));
  RETURN_IF_ERROR(query.status());
  if (query->log() == nullptr) return InvalidArgument("only label matchers are supported");
  return query->log()->matchers;
}

StatusOr<query::PatternParams> ParsePatterns(const ApiContext& api, const Call& call) {
  query::PatternParams params;
  ASSIGN_OR_RETURN(const TimeBounds bounds, ParseLimitedRange(call));
  ASSIGN_OR_RETURN(const int64_t step, ParseStep(call.form, bounds));
  RETURN_IF_ERROR(query::CheckTimeRange(bounds.start, bounds.end, step));
  ASSIGN_OR_RETURN(params.matchers, ParseStreams(call.form));
  params.range = {bounds.start, bounds.end};
  params.step = std::max(step, kMinStep);
  params.pool = api.scan_pool;
  params.memory = call.memory;
  params.stop = call.stop;
  return params;
}

void WritePattern(const query::LinePattern& pattern, http::JsonWriter* json) {
  json->BeginObject();
  json->Key("pattern");
  json->String(pattern.pattern, http::JsonEscape::kHtml);
  json->Key("level");
  json->String(pattern.level, http::JsonEscape::kHtml);
  json->Key("samples");
  json->BeginArray();
  for (const auto& [time, lines] : pattern.samples) {
    json->BeginArray();
    json->Integer(time / kNanosPerSecond);
    json->Unsigned(lines);
    json->EndArray();
  }
  json->EndArray();
  json->EndObject();
}

StatusOr<http::Response> AnswerPatterns(const ApiContext& api, const Call& call) {
  ASSIGN_OR_RETURN(const query::PatternParams params, ParsePatterns(api, call));
  const auto snapshot = api.reader->GetSnapshot(call.tenant);
  ASSIGN_OR_RETURN(const auto patterns, query::FindPatterns(*snapshot, params));
  http::Text text(call.memory);
  http::JsonWriter json(&text);
  json.BeginObject();
  json.Key("status");
  json.String("success");
  json.Key("data");
  json.BeginArray();
  for (const query::LinePattern& pattern : patterns) WritePattern(pattern, &json);
  json.EndArray();
  json.EndObject();
  text.Append("\n");
  return TextResponse(kQueryJson, std::move(text));
}

// As Loki without its pattern ingester, or asked for several tenants.
http::Response Disabled() {
  http::Response response;
  response.status = 404;
  return response;
}

}  // namespace

Reply Patterns(const ApiContext& api, const Call& call) {
  const bool several = call.tenant.find(query::kTenantSeparator) != std::string::npos;
  if (!api.settings.patterns_enabled || several) return Disabled();
  return AnswerPatterns(api, call);
}

}  // namespace skald::api
