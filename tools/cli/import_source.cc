#include "tools/cli/import_source.h"

#include <algorithm>
#include <limits>

#include "tools/cli/series_request.h"

namespace skald::cli {
namespace {

// Selects the stream of these labels and none of the others.
std::string SelectorOfOne(const Labels& labels, const std::vector<Labels>& streams) {
  Labels exact = labels;
  for (const Labels& other : streams) {
    for (const auto& [name, value] : other) exact.emplace(name, "");
  }
  return LabelsText(exact);
}

struct PageShape {
  int64_t count = 0;
  int64_t first = std::numeric_limits<int64_t>::max();
  int64_t last = std::numeric_limits<int64_t>::min();
};

PageShape ShapeOf(const std::vector<LogStream>& streams) {
  PageShape shape;
  for (const LogStream& stream : streams) {
    for (const LogEntry& entry : stream.entries) {
      ++shape.count;
      shape.first = std::min(shape.first, entry.time);
      shape.last = std::max(shape.last, entry.time);
    }
  }
  return shape;
}

void RemoveFrom(int64_t time, std::vector<LogStream>* streams) {
  for (LogStream& stream : *streams) {
    std::erase_if(stream.entries, [time](const LogEntry& entry) { return entry.time >= time; });
  }
}

}  // namespace

StatusOr<int64_t> ImportSource::Read(const TimeSpan& span, const Sink& sink) {
  std::vector<std::string> selectors = {selector_};
  if (selector_.empty()) {
    ASSIGN_OR_RETURN(std::vector<Labels> streams, FetchSeries("{}", span, &client_));
    selectors = CoveringSelectors(std::move(streams));
  }
  int64_t pages = 0;
  for (const std::string& selector : selectors) {
    ASSIGN_OR_RETURN(int64_t count, ReadSelector(selector, span, sink));
    pages += count;
  }
  return pages;
}

// A full page may end amid the entries of one time: those are left to the next page, which begins
// at that time.
StatusOr<int64_t> ImportSource::ReadSelector(const std::string& selector, TimeSpan span,
                                             const Sink& sink) {
  int64_t pages = 0;
  while (span.start < span.end) {
    ASSIGN_OR_RETURN(std::vector<LogStream> streams, FetchPage(selector, span));
    ++pages;
    PageShape shape = ShapeOf(streams);
    if (shape.count < options_.batch) {
      RETURN_IF_ERROR(sink(streams));
      return pages;
    }
    if (shape.first == shape.last) {
      ASSIGN_OR_RETURN(int64_t more, ReadMoment(selector, shape.last, sink));
      pages += more;
      span.start = shape.last + 1;
      continue;
    }
    RemoveFrom(shape.last, &streams);
    RETURN_IF_ERROR(sink(streams));
    span.start = shape.last;
  }
  return pages;
}

// More entries have this one time than a page holds: they are read stream by stream.
StatusOr<int64_t> ImportSource::ReadMoment(const std::string& selector, int64_t time,
                                           const Sink& sink) {
  TimeSpan moment{time, time + 1};
  ASSIGN_OR_RETURN(std::vector<Labels> streams, FetchSeries(selector, moment, &client_));
  for (const Labels& labels : streams) {
    ASSIGN_OR_RETURN(std::vector<LogStream> page,
                     FetchPage(SelectorOfOne(labels, streams), moment));
    if (ShapeOf(page).count >= options_.batch) {
      return InvalidArgument(StrCat(
          "stream ", LabelsText(labels), " has ", options_.batch, " entries or more at the time ",
          time, ": raise the source's limits_config.max_entries_limit_per_query, and --batch"));
    }
    RETURN_IF_ERROR(sink(page));
  }
  return static_cast<int64_t>(streams.size());
}

StatusOr<std::vector<LogStream>> ImportSource::FetchPage(const std::string& selector,
                                                         const TimeSpan& span) {
  ASSIGN_OR_RETURN(std::string body,
                   client_.Get("/loki/api/v1/query_range", {{"query", selector},
                                                            {"limit", StrCat(options_.batch)},
                                                            {"start", StrCat(span.start)},
                                                            {"end", StrCat(span.end)},
                                                            {"direction", "FORWARD"}}));
  ASSIGN_OR_RETURN(QueryResponse response, ParseQueryResponse(body));
  if (response.type != ResultType::kStreams) return InvalidArgument("the answer holds no entries");
  return std::move(response.streams);
}

}  // namespace skald::cli
