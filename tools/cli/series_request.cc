#include "tools/cli/series_request.h"

#include <algorithm>
#include <map>

namespace skald::cli {
namespace {

// The label that most of the streams have. Empty when none has any.
std::string MostCommonName(const std::vector<Labels>& streams) {
  std::map<std::string, size_t> counts;
  for (const Labels& labels : streams) {
    for (const auto& [name, value] : labels) ++counts[name];
  }
  auto most = std::max_element(counts.begin(), counts.end(),
                               [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == counts.end() ? "" : most->first;
}

}  // namespace

StatusOr<std::vector<Labels>> FetchSeries(std::string_view selector, const TimeSpan& span,
                                          LokiClient* client) {
  ASSIGN_OR_RETURN(std::string body,
                   client->Get("/loki/api/v1/series", {{"match", std::string(selector)},
                                                       {"start", StrCat(span.start)},
                                                       {"end", StrCat(span.end)}}));
  return ParseSeriesResponse(body);
}

std::vector<std::string> CoveringSelectors(std::vector<Labels> streams) {
  std::vector<std::string> selectors;
  std::string without;  // the labels of earlier selectors, as absent
  for (std::string name = MostCommonName(streams); !name.empty(); name = MostCommonName(streams)) {
    selectors.push_back(StrCat("{", name, "=~\".+\"", without, "}"));
    StrAppend(&without, ", ", name, "=\"\"");
    std::erase_if(streams, [&](const Labels& labels) { return labels.count(name) > 0; });
  }
  return selectors;
}

}  // namespace skald::cli
