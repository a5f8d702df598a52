#include "absl/strings/str_join.h"
#include "tools/cli/commands.h"
#include "tools/cli/loki_client.h"
#include "tools/cli/range_query.h"
#include "tools/cli/time_text.h"

namespace skald::cli {
namespace {

StatusOr<QueryResponse> Fetch(const Options& options) {
  ASSIGN_OR_RETURN(TimeSpan span, SpanOf(options.range, WallClock()));
  UrlQuery query = {{"query", options.query},
                    {"limit", StrCat(options.limit.value_or(30))},
                    {"start", StrCat(span.start)},
                    {"end", StrCat(span.end)}};
  if (!options.target_labels.empty()) {
    query["targetLabels"] = absl::StrJoin(options.target_labels, ",");
  }
  if (options.aggregate_by_labels) query["aggregateBy"] = "labels";
  bool over_time = options.command == "volume_range";
  if (over_time) {
    auto step = options.step.value_or(std::chrono::hours(1));
    query["step"] = StrCat(std::chrono::duration_cast<std::chrono::seconds>(step).count());
  }
  LokiClient client(options);
  ASSIGN_OR_RETURN(std::string body, client.Get(over_time ? "/loki/api/v1/index/volume_range"
                                                          : "/loki/api/v1/index/volume",
                                                query));
  return ParseQueryResponse(body);
}

}  // namespace

Status RunVolume(const Options& options) {
  auto response = Fetch(options);
  if (!response.ok()) return Annotate(response.status(), "Error doing request");
  PrintStatistics(options, *response);
  if (response->type == ResultType::kStreams) {
    return InvalidArgument("Error doing request: the answer holds streams, not volumes");
  }
  return PrintMetrics(options, *response);
}

}  // namespace skald::cli
