#include "query/engine/limits.h"

#include <algorithm>
#include <chrono>
#include <span>
#include <string_view>

#include "query/engine/selectors.h"
#include "storage/base/duration.h"

namespace skald::query {
namespace {

constexpr uint64_t kMaxSteps = 11000;

std::string DurationText(int64_t nanos) {
  return FormatPrometheusDuration(std::chrono::nanoseconds(nanos));
}

// `[a b]`, as Go prints lists.
std::string ListText(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) {
    if (text.size() > 1) text += ", ";
    text += name;
  }
  return text + "]";
}

std::vector<std::string> NamesOf(std::span<const Matcher> matchers) {
  std::vector<std::string> names;
  for (const Matcher& matcher : matchers) {
    if (std::find(names.begin(), names.end(), matcher.name()) == names.end()) {
      names.push_back(matcher.name());
    }
  }
  return names;
}

Status CheckRequiredLabels(const std::vector<std::string>& present, const QueryLimits& limits) {
  std::vector<std::string> missing;
  for (const std::string& required : limits.required_labels) {
    if (std::find(present.begin(), present.end(), required) == present.end()) {
      missing.push_back(required);
    }
  }
  if (!missing.empty()) {
    return InvalidArgument(StrCat("stream selector is missing required matchers ",
                                  ListText(missing), ", labels present in the query were ",
                                  ListText(present)));
  }
  if (limits.minimum_labels_number != 0 && present.size() < limits.minimum_labels_number) {
    return InvalidArgument(StrCat(
        "stream selector has less label matchers than required: (present: ", ListText(present),
        ", number_present: ", present.size(),
        ", required_number_label_matchers: ", limits.minimum_labels_number, ")"));
  }
  return absl::OkStatus();
}

Status CheckSelector(std::span<const Matcher> matchers, bool drilldown, const QueryLimits& limits) {
  const uint32_t most = limits.max_streams_matchers_per_query;
  if (most != 0 && matchers.size() > most) {
    return InvalidArgument(
        StrCat("max streams matchers per query exceeded, matchers-count > limit (", matchers.size(),
               " > ", most, ")"));
  }
  const std::vector<std::string> present = NamesOf(matchers);
  RETURN_IF_ERROR(CheckRequiredLabels(present, limits));
  const bool internal = std::any_of(present.begin(), present.end(), [](std::string_view name) {
    return name == "__aggregated_metric__" || name == "__pattern__";
  });
  if (internal && !drilldown) {
    return InvalidArgument("internal streams can only be queried from Logs Drilldown");
  }
  return absl::OkStatus();
}

}  // namespace

bool Filters(const LogExpr& log) {
  return std::any_of(log.stages.begin(), log.stages.end(), [](const Stage& stage) {
    return std::holds_alternative<LineFilterStage>(stage) ||
           std::holds_alternative<LabelFilterStage>(stage);
  });
}

Status CheckTimeRange(int64_t start, int64_t end, int64_t step) {
  if (end < start) {
    return InvalidArgument("end timestamp must not be before or equal to start time");
  }
  const uint64_t distance = static_cast<uint64_t>(end) - static_cast<uint64_t>(start);
  if (step > 0 && distance / static_cast<uint64_t>(step) > kMaxSteps) {
    return InvalidArgument(
        "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of "
        "the step parameter");
  }
  return absl::OkStatus();
}

Status CheckQueryLength(int64_t start, int64_t end, const QueryLimits& limits) {
  const uint64_t length = static_cast<uint64_t>(end) - static_cast<uint64_t>(start);
  const int64_t most = limits.max_query_length;
  if (most <= 0 || length <= static_cast<uint64_t>(most)) return absl::OkStatus();
  const auto shown = static_cast<int64_t>(std::min<uint64_t>(length, INT64_MAX));
  return InvalidArgument(StrCat("the query time range exceeds the limit (query length: ",
                                FormatGoDuration(std::chrono::nanoseconds(shown)),
                                ", limit: ", DurationText(most), ")"));
}

Status CheckQuery(const Query& query, uint32_t limit, bool drilldown, const QueryLimits& limits) {
  if (query.log() != nullptr && limits.max_entries_limit_per_query != 0 &&
      limit > limits.max_entries_limit_per_query) {
    return InvalidArgument(
        StrCat("max entries limit per query exceeded, limit > max_entries_limit_per_query (", limit,
               " > ", limits.max_entries_limit_per_query, ")"));
  }
  for (const LogRange* range : RangesOf(query)) {
    if (limits.max_query_range > 0 && range->range_nanos > limits.max_query_range) {
      return InvalidArgument(StrCat("[interval] value exceeds limit: [",
                                    DurationText(range->range_nanos), "] > [",
                                    DurationText(limits.max_query_range), "]"));
    }
  }
  for (const LogExpr* log : LogsOf(query)) {
    RETURN_IF_ERROR(CheckSelector(log->matchers, drilldown, limits));
  }
  return absl::OkStatus();
}

}  // namespace skald::query
