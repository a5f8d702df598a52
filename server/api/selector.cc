#include "server/api/selector.h"

#include "query/syntax/parser.h"

namespace skald::api {

StatusOr<TimeBounds> ParseLimitedRange(const Call& call) {
  ASSIGN_OR_RETURN(const TimeBounds bounds, ParseTimeRange(call.form, call.now));
  RETURN_IF_ERROR(query::CheckQueryLength(bounds.start, bounds.end, call.settings->limits));
  return bounds;
}

StatusOr<StreamsRequest> ParseStreamsRequest(const ApiContext& api, const Call& call,
                                             QueryParameter parameter) {
  StreamsRequest request;
  ASSIGN_OR_RETURN(request.bounds, ParseLimitedRange(call));
  if (parameter == QueryParameter::kRequired || !call.form.Get("query").empty()) {
    ASSIGN_OR_RETURN(request.matchers,
                     query::ParseMatchers(call.form.Get("query"), query::EmptySelector::kRefused));
  }
  request.snapshot = api.reader->GetSnapshot(call.tenant);
  return request;
}

}  // namespace skald::api
