// index/volume and index/volume_range: bytes per group of streams.
#include <algorithm>

#include "query/engine/metadata.h"
#include "query/syntax/parser.h"
#include "server/api/endpoints.h"
#include "server/api/json_response.h"
#include "server/api/query_json.h"
#include "server/api/selector.h"

namespace skald::api {
namespace {

std::vector<std::string> SplitNames(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) names.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return names;
}

StatusOr<query::VolumeParams> ParseVolume(const Call& call, bool range) {
  query::VolumeParams params;
  ASSIGN_OR_RETURN(const TimeBounds bounds, ParseLimitedRange(call));
  params.start = bounds.start;
  params.end = bounds.end;
  if (call.form.Get("limit") != "0") {
    ASSIGN_OR_RETURN(params.limit, ParseLimit(call.form));
  }
  if (range) {
    ASSIGN_OR_RETURN(params.step, ParseStep(call.form, bounds));
    RETURN_IF_ERROR(query::CheckTimeRange(params.start, params.end, params.step));
  }
  const std::string_view aggregate = call.form.Get("aggregateBy");
  if (!aggregate.empty() && aggregate != "series" && aggregate != "labels") {
    return InvalidArgument("invalid aggregation option");
  }
  params.by_label_names = aggregate == "labels";
  params.target_labels = SplitNames(call.form.Get("targetLabels"));
  params.max_series = call.settings->limits.volume_max_series;
  ASSIGN_OR_RETURN(params.matchers, query::ParseMatchers(call.form.Get("query")));
  return params;
}

StatusOr<http::Response> AnswerVolume(const ApiContext& api, const Call& call, bool range) {
  if (!call.settings->volume_enabled) return NotFound("not found");
  ASSIGN_OR_RETURN(const query::VolumeParams params, ParseVolume(call, range));
  const int64_t begin = api.clock->MonotonicNanos();
  const auto snapshot = api.reader->GetSnapshot(call.tenant);
  ASSIGN_OR_RETURN(const auto volumes,
                   query::ComputeVolume(*snapshot, params, call.stop, call.memory));
  query::QueryStats stats;
  stats.exec_nanos = api.clock->MonotonicNanos() - begin;
  http::Text text(call.memory);
  WriteVolumes(volumes, range, stats, &text);
  return TextResponse(kQueryJson, std::move(text));
}

}  // namespace

Reply Volume(const ApiContext& api, const Call& call) { return AnswerVolume(api, call, false); }
Reply VolumeRange(const ApiContext& api, const Call& call) { return AnswerVolume(api, call, true); }

}  // namespace skald::api
