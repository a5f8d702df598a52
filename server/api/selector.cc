#include "server/api/selector.h"

#include <algorithm>

#include "query/syntax/parse_error.h"
#include "query/syntax/parser.h"

namespace skald::api {

StatusOr<TimeBounds> ParseLimitedRange(const Call& call) {
  ASSIGN_OR_RETURN(const TimeBounds bounds, ParseTimeRange(call.form, call.now));
  RETURN_IF_ERROR(query::CheckQueryLength(bounds.start, bounds.end, call.settings->limits));
  return bounds;
}

StatusOr<std::vector<Matcher>> RequiredMatchers(const http::Form& form, Everything everything) {
  ASSIGN_OR_RETURN(std::vector<Matcher> matchers, query::ParseMatchers(form.Get("query")));
  const bool selective = std::any_of(matchers.begin(), matchers.end(),
                                     [](const Matcher& m) { return !m.MatchesEmpty(); });
  if (selective || (matchers.empty() && everything == Everything::kAllowed)) return matchers;
  return query::ParseError(
      "queries require at least one regexp or equality matcher that does not have an "
      "empty-compatible value. For instance, app=~\".*\" does not meet this requirement, but "
      "app=~\".+\" will");
}

StatusOr<StreamsRequest> ParseStreamsRequest(const ApiContext& api, const Call& call,
                                             QueryParameter parameter) {
  StreamsRequest request;
  ASSIGN_OR_RETURN(request.bounds, ParseLimitedRange(call));
  if (parameter == QueryParameter::kRequired || !call.form.Get("query").empty()) {
    ASSIGN_OR_RETURN(request.matchers, RequiredMatchers(call.form, Everything::kRefused));
  }
  request.snapshot = api.reader->GetSnapshot(call.tenant);
  return request;
}

}  // namespace skald::api
