#include "tools/cli/range_query.h"

#include <algorithm>
#include <cstdio>

#include "storage/base/go_number.h"
#include "tools/cli/chart.h"
#include "tools/cli/explanation.h"
#include "tools/cli/metric_printer.h"
#include "tools/cli/statistics.h"

namespace skald::cli {
namespace {

std::string Seconds(std::chrono::nanoseconds duration) {
  return FormatGoFloat(static_cast<double>(duration.count()) / 1e9, 'f');
}

Status QueryFailed(const Status& status) {
  return status.ok() ? status : Annotate(status, "Query failed");
}

Status BatchTooSmall(int64_t batch, size_t overlap) {
  return InvalidArgument(StrCat(
      "Invalid batch size ", batch, ", the next query will have ", overlap,
      " overlapping entries (several entries may have the time at which a batch ends, and the next "
      "batch brings them again). Please increase your batch size to at least ",
      overlap + 1));
}

}  // namespace

Status RangeQuery::Run(TimeSpan span, int64_t limit, Output* output) {
  EntryPrinter printer(options_, output);
  PageEdge edge;
  for (int64_t printed = 0; limit == 0 || printed < limit;) {
    int64_t batch = options_.batch;
    if (limit > 0) {
      int64_t wanted = limit - printed + static_cast<int64_t>(edge.lines.size());
      batch = std::min(batch, wanted);
    }
    auto response = FetchPage(span, batch);
    if (!response.ok()) return QueryFailed(response.status());
    PrintStatistics(options_, *response);
    if (response->type != ResultType::kStreams) return PrintMetrics(options_, *response);
    ASSIGN_OR_RETURN(int64_t count, printer.Print(response->streams, &edge));
    if (count == 0) {
      progress_->Add(span.end - span.start, 0);
      return absl::OkStatus();
    }
    printed += count;
    if (limit > 0 && printed >= limit) return absl::OkStatus();
    if (static_cast<int64_t>(edge.lines.size()) >= options_.batch) {
      return BatchTooSmall(options_.batch, edge.lines.size());
    }
    // The end of a range is exclusive, its start is not.
    const TimeSpan before = span;
    (options_.forward ? span.start : span.end) = edge.time + (options_.forward ? 0 : 1);
    progress_->Add((before.end - before.start) - (span.end - span.start), count);
  }
  return absl::OkStatus();
}

StatusOr<QueryResponse> RangeQuery::FetchPage(const TimeSpan& span, int64_t limit) {
  UrlQuery query = {{"query", options_.query},
                    {"limit", StrCat(limit)},
                    {"start", StrCat(span.start)},
                    {"end", StrCat(span.end)},
                    {"direction", options_.forward ? "FORWARD" : "BACKWARD"}};
  if (options_.step.has_value()) query["step"] = Seconds(*options_.step);
  if (options_.interval.has_value()) query["interval"] = Seconds(*options_.interval);
  ASSIGN_OR_RETURN(std::string body, client_.Get("/loki/api/v1/query_range", query));
  return ParseQueryResponse(body);
}

Status PrintMetrics(const Options& options, const QueryResponse& response) {
  if (!options.chart) return StandardOutput().Write(MetricJson(response));
  return StandardOutput().Write(
      Chart(response, StyleOfTerminal(ZoneNamed(options.print.timezone))));
}

void PrintStatistics(const Options& options, const QueryResponse& response) {
  std::string text;
  if (options.stats) text += StatisticsTable(response.statistics);
  if (options.explain) text += Explanation(response.statistics);
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace skald::cli
