#include <algorithm>
#include <set>

#include "absl/strings/str_format.h"
#include "tools/cli/commands.h"
#include "tools/cli/loki_client.h"
#include "tools/cli/output.h"
#include "tools/cli/response.h"
#include "tools/cli/series_request.h"
#include "tools/cli/time_text.h"

namespace skald::cli {
namespace {

StatusOr<std::vector<Labels>> FetchSeries(const Options& options) {
  ASSIGN_OR_RETURN(TimeSpan span, SpanOf(options.range, WallClock()));
  LokiClient client(options);
  auto series = FetchSeries(options.query, span, &client);
  return series.ok() ? series : Annotate(series.status(), "Error doing request");
}

struct LabelUse {
  std::string name;
  std::set<std::string> values;
  size_t streams = 0;
};

std::string Analysis(const std::vector<Labels>& series) {
  std::map<std::string, LabelUse> by_name;
  for (const Labels& labels : series) {
    for (const auto& [name, value] : labels) {
      LabelUse& use = by_name[name];
      use.name = name;
      use.values.insert(value);
      ++use.streams;
    }
  }
  std::vector<const LabelUse*> uses;
  size_t width = std::string_view("Label Name").size();
  for (const auto& [name, use] : by_name) {
    uses.push_back(&use);
    width = std::max(width, name.size());
  }
  std::stable_sort(uses.begin(), uses.end(), [](const LabelUse* a, const LabelUse* b) {
    return a->values.size() > b->values.size();
  });
  std::string out =
      absl::StrFormat("Total Streams:  %d\nUnique Labels:  %d\n\n", series.size(), by_name.size());
  absl::StrAppendFormat(&out, "%-*s  Unique Values  Found In Streams\n", width, "Label Name");
  for (const LabelUse* use : uses) {
    absl::StrAppendFormat(&out, "%-*s  %-13d  %d\n", width, use->name, use->values.size(),
                          use->streams);
  }
  return out;
}

}  // namespace

Status RunSeries(const Options& options) {
  ASSIGN_OR_RETURN(std::vector<Labels> series, FetchSeries(options));
  if (options.analyze_labels) return StandardOutput().Write(Analysis(series));
  std::string text;
  for (const Labels& labels : series) StrAppend(&text, LabelsText(labels), "\n");
  return StandardOutput().Write(text);
}

}  // namespace skald::cli
