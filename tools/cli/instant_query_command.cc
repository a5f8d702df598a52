#include "tools/cli/commands.h"
#include "tools/cli/entry_printer.h"
#include "tools/cli/loki_client.h"
#include "tools/cli/range_query.h"
#include "tools/cli/time_text.h"

namespace skald::cli {
namespace {

StatusOr<QueryResponse> Fetch(const Options& options, int64_t time) {
  LokiClient client(options);
  UrlQuery query = {{"query", options.query},
                    {"limit", StrCat(options.limit.value_or(30))},
                    {"time", StrCat(time)},
                    {"direction", options.forward ? "FORWARD" : "BACKWARD"}};
  ASSIGN_OR_RETURN(std::string body, client.Get("/loki/api/v1/query", query));
  return ParseQueryResponse(body);
}

}  // namespace

Status RunInstantQuery(const Options& options) {
  RangeOptions at;
  at.to = options.now;
  ASSIGN_OR_RETURN(TimeSpan span, SpanOf(at, WallClock()));
  auto response = Fetch(options, span.end);
  if (!response.ok()) return Annotate(response.status(), "Query failed");
  PrintStatistics(options, *response);
  if (response->type != ResultType::kStreams) return PrintMetrics(options, *response);
  StandardOutput output;
  PageEdge edge;
  return EntryPrinter(options, &output).Print(response->streams, &edge).status();
}

}  // namespace skald::cli
