// What the endpoints about streams ask for: a selector and a time range.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "server/api/call.h"
#include "server/api/params.h"
#include "storage/model/matcher.h"
#include "storage/model/timestamp.h"
#include "storage/reader.h"

namespace skald::api {

// Both ends are included.
inline TimeRange ClosedRange(TimeBounds bounds) {
  const bool last = bounds.end == std::numeric_limits<int64_t>::max();
  return {bounds.start, last ? bounds.end : bounds.end + 1};
}

// The time range that is asked for. InvalidArgument when it is longer than the tenant's limit.
StatusOr<TimeBounds> ParseLimitedRange(const Call& call);

// Which streams of which time an endpoint shall look at, and where they are.
struct StreamsRequest {
  TimeBounds bounds;
  std::vector<Matcher> matchers;
  std::shared_ptr<const storage::Snapshot> snapshot;

  TimeRange closed_range() const { return ClosedRange(bounds); }
};
// Reads `query` and the times. Without a query every stream is meant, if it is optional.
// InvalidArgument as of ParseLimitedRange, and when `query` selects everything.
enum class QueryParameter { kRequired, kOptional };
StatusOr<StreamsRequest> ParseStreamsRequest(const ApiContext& api, const Call& call,
                                             QueryParameter parameter);

}  // namespace skald::api
