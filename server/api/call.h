// One request on its way through an endpoint, and what the endpoint makes of it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/api/context.h"
#include "server/http/request.h"
#include "server/http/response.h"
#include "server/http/target.h"
#include "storage/base/memory_budget.h"
#include "storage/base/stop.h"

namespace skald::api {

// Threads: used by one thread at a time. Views live as long as the request.
struct Call {
  const http::Request& request;
  std::string tenant;      // of queries maybe several, with `|` between them
  std::string path_value;  // of the `{name}` in the route
  http::Form form = {};    // the query's parameters, and a POST's
  int64_t now = 0;         // wall nanoseconds when the request came
  int64_t queue_nanos = 0;
  // Never null for queries.
  const StopToken* stop = nullptr;
  // Charged for what a query holds and the text of its answer; null: nothing is charged.
  MemoryBudget* memory = nullptr;
  // Whether the work and the memory allowed are those of light queries.
  bool is_light = false;
  std::shared_ptr<const TenantQuerySettings> settings = nullptr;

  // Whether what ended with `status` needs more than a light query may have. It begins again among
  // heavy ones then, and this end of it concerns nobody.
  bool RunsAgain(const Status& status) const {
    if (!is_light || status.ok()) return false;
    return stop->overspent() || (absl::IsResourceExhausted(status) && memory->refused());
  }
};

// A status other than OK is answered in the style of the route. With a position the answer,
// whatever it is, waits until the log is durable up to there.
struct Reply {
  Reply(http::Response r) : response(std::move(r)) {}       // NOLINT: a response is a reply
  Reply(Status s) : status(std::move(s)) {}                 // NOLINT: an error is a reply
  Reply(StatusOr<http::Response> r) : status(r.status()) {  // NOLINT: either is a reply
    if (r.ok()) response = *std::move(r);
  }

  Status status;
  http::Response response;
  std::optional<LogPosition> durable_at;
};

// An endpoint: a plain function, run on the route's pool.
using Handler = Reply (*)(const ApiContext& api, const Call& call);

}  // namespace skald::api
