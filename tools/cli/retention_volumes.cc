#include "tools/cli/retention_volumes.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "storage/base/go_number.h"
#include "tools/cli/series_request.h"

namespace skald::cli {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kDay = 24 * kHour;
// Servers limit the length of a query to a little more than a month by default.
constexpr int64_t kDaysAtOnce = 28;

// What `query` counts in each hour of some days; a sample stands at its hour's end.
StatusOr<std::vector<MetricSeries>> FetchHours(const std::string& query, int64_t newest_end,
                                               int64_t days, LokiClient* client) {
  ASSIGN_OR_RETURN(
      std::string body,
      client->Get("/loki/api/v1/query_range", {{"query", query},
                                               {"start", StrCat(newest_end - days * kDay + kHour)},
                                               {"end", StrCat(newest_end)},
                                               {"step", "3600"}}));
  ASSIGN_OR_RETURN(QueryResponse response, ParseQueryResponse(body));
  if (response.type != ResultType::kMatrix) return InvalidArgument("the answer is no matrix");
  return std::move(response.series);
}

double ValueOf(const Sample& sample) {
  auto value = ParseGoFloat(sample.value);
  return value.ok() && std::isfinite(*value) ? *value : 0;
}

// The value of an unlabelled metric in a text exposition; 0 when it is not there.
double MetricValue(std::string_view metrics, std::string_view name) {
  for (absl::string_view line : absl::StrSplit(ToAbsl(metrics), '\n')) {
    std::string_view text = ToStd(line);
    if (text.compare(0, name.size(), name) != 0 || text.size() <= name.size() ||
        text[name.size()] != ' ') {
      continue;
    }
    auto value = ParseGoFloat(text.substr(name.size() + 1));
    return value.ok() ? *value : 0;
  }
  return 0;
}

// Gathers volumes, some days at a time.
class VolumeCount {
 public:
  VolumeCount(const std::set<std::string>& names, int64_t now, int64_t days, LokiClient* client)
      : by_(StrCat("sum by (", absl::StrJoin(names, ", "), ") ")),
        end_((now + kHour - 1) / kHour * kHour),
        days_(static_cast<size_t>(days)),
        client_(client) {}

  // Days are counted back from the end of this hour.
  Status AddDays(int64_t first, int64_t count) {
    const int64_t end = end_ - first * kDay;
    ASSIGN_OR_RETURN(std::vector<Labels> streams,
                     FetchSeries("{}", {end - count * kDay, end}, client_));
    for (const std::string& selector : CoveringSelectors(std::move(streams))) {
      ASSIGN_OR_RETURN(auto bytes, FetchHours(StrCat(by_, "(bytes_over_time(", selector, "[1h]))"),
                                              end, count, client_));
      for (const MetricSeries& series : bytes) AddBytes(series);
      ASSIGN_OR_RETURN(auto lines, FetchHours(StrCat("sum(count_over_time(", selector, "[1h]))"),
                                              end, count, client_));
      for (const MetricSeries& series : lines) {
        for (const Sample& sample : series.samples) volumes_.entries += ValueOf(sample);
      }
    }
    return absl::OkStatus();
  }

  Volumes Take() {
    for (auto& [labels, ages] : groups_) volumes_.groups.push_back({labels, std::move(ages)});
    return std::move(volumes_);
  }

 private:
  void AddBytes(const MetricSeries& series) {
    constexpr int64_t kSecondsADay = kDay / kSecond;
    std::vector<double>& ages = groups_[series.labels];
    ages.resize(days_);
    for (const Sample& sample : series.samples) {
      const double age =
          std::floor((static_cast<double>(end_) / kSecond - sample.seconds) / kSecondsADay);
      if (age < 0 || age >= static_cast<double>(days_)) continue;
      ages[static_cast<size_t>(age)] += ValueOf(sample);
      volumes_.bytes += ValueOf(sample);
    }
  }

  const std::string by_;
  const int64_t end_;  // of the current hour: servers may move steps to whole ones
  const size_t days_;
  LokiClient* const client_;
  std::map<Labels, std::vector<double>> groups_;
  Volumes volumes_;
};

}  // namespace

StatusOr<Volumes> FetchVolumes(const std::set<std::string>& names, int64_t now, int64_t days,
                               LokiClient* client) {
  VolumeCount count(names, now, days, client);
  for (int64_t first = 0; first < days; first += kDaysAtOnce) {
    RETURN_IF_ERROR(count.AddDays(first, std::min(kDaysAtOnce, days - first)));
  }
  return count.Take();
}

double DiskRatio(std::string_view metrics, const Volumes& volumes) {
  double bytes = MetricValue(metrics, "skald_part_bytes");
  double rows = MetricValue(metrics, "skald_part_rows");
  if (bytes <= 0 || rows <= 0 || volumes.bytes <= 0) return 0;
  return bytes / (rows * volumes.bytes / volumes.entries);
}

}  // namespace skald::cli
