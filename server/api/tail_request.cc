// tail and its legacy form: entries as they come, over a WebSocket.
#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "query/syntax/parser.h"
#include "server/api/endpoints.h"
#include "server/api/errors.h"
#include "server/api/params.h"
#include "server/api/stream_json.h"
#include "server/api/tail.h"
#include "server/api/tail_hub.h"
#include "storage/base/go_number.h"

namespace skald::api {
namespace {

constexpr int64_t kMaxDelaySeconds = 5;
constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr uint16_t kInternalError = 1011;

// A tail and its place in the hub, for as long as the connection lives.
class TailConnection final : public http::WebSocketSource {
 public:
  TailConnection(std::shared_ptr<Tail> tail, TailHub* hub) : tail_(std::move(tail)), hub_(hub) {}
  ~TailConnection() override {
    tail_->Detach();
    hub_->Remove(tail_);
  }

  void Open(std::function<void()> wake) override { tail_->Open(std::move(wake)); }
  std::optional<std::string> NextMessage() override { return tail_->NextMessage(); }
  std::optional<http::WebSocketClose> Ending() override { return tail_->Ending(); }

 private:
  const std::shared_ptr<Tail> tail_;
  TailHub* const hub_;
};

// A WebSocket that only says why there is nothing.
class RefusedTail final : public http::WebSocketSource {
 public:
  explicit RefusedTail(std::string reason) : close_{kInternalError, std::move(reason)} {}

  void Open(std::function<void()>) override {}
  std::optional<std::string> NextMessage() override { return std::nullopt; }
  std::optional<http::WebSocketClose> Ending() override { return close_; }

 private:
  const http::WebSocketClose close_;
};

StatusOr<int64_t> ParseDelay(const http::Form& form) {
  const std::string_view text = form.Get("delay_for");
  if (text.empty()) return 0;
  ASSIGN_OR_RETURN(const int64_t seconds, ParseGoInt(text, "Atoi"));
  if (seconds < 0 || seconds > kMaxDelaySeconds) {
    return InvalidArgument("delay_for can't be greater than 5");
  }
  return seconds * kNanosPerSecond;
}

// The entries that were stored before, the newest `limit` of them, oldest first.
StatusOr<ChargedEntries> ReadBacklog(const ApiContext& api, const Call& call, const Tail& tail,
                                     query::QueryParams params) {
  params.tenant = call.tenant;
  params.limits = call.settings->limits;
  RETURN_IF_ERROR(query::CheckQueryLength(params.start, call.now, params.limits));
  // Whatever was stored before the tail began, by any clock, or it would never be seen.
  params.end = std::numeric_limits<int64_t>::max();
  params.limits.max_query_length = 0;
  // Asking for more is no error here.
  const uint32_t most = params.limits.max_entries_limit_per_query;
  if (most != 0) params.limit = std::min(params.limit, most);
  params.stop = call.stop;
  params.memory = call.memory;
  params.categorize = tail.format().categorize;
  ASSIGN_OR_RETURN(const query::QueryResult result, api.queries->Run(tail.query(), params));
  return TailEntries(*result.log(), tail.format(), call.memory);
}

http::Response Upgrade(std::unique_ptr<http::WebSocketSource> source) {
  http::Response response;
  response.status = 101;
  response.websocket = std::move(source);
  return response;
}

http::Response NoUpgrade() {
  http::Response response = ErrorResponse(InvalidArgument("Bad Request"), ErrorStyle::kPlain);
  response.headers.emplace_back("Sec-Websocket-Version", "13");
  return response;
}

TailFormat FormatOf(const Call& call, bool legacy) {
  TailFormat format;
  format.legacy = legacy;
  if (legacy) return format;
  format.encoding_flags = call.request.Header(kEncodingFlagsHeader);
  format.categorize = WantsCategories(format.encoding_flags);
  return format;
}

StatusOr<http::Response> StartTail(const ApiContext& api, const Call& call, bool legacy) {
  ASSIGN_OR_RETURN(query::Query query, query::ParseQuery(call.form.Get("query")));
  query::QueryParams params;
  ASSIGN_OR_RETURN(params.limit, ParseLimit(call.form));
  ASSIGN_OR_RETURN(const TimeBounds bounds, ParseTimeBounds(call.form, call.now));
  params.start = std::min(bounds.start, call.now);
  ASSIGN_OR_RETURN(const int64_t delay, ParseDelay(call.form));
  if (!http::IsWebSocketUpgrade(call.request)) return NoUpgrade();
  if (query.log() == nullptr) {
    return Upgrade(std::make_unique<RefusedTail>("only log selector is supported"));
  }

  TailOptions options;
  options.tenant = call.tenant;
  options.query = std::move(query);
  options.format = FormatOf(call, legacy);
  options.limits = call.settings->limits;
  options.delay_nanos = delay;
  options.deadline_nanos = api.clock->MonotonicNanos() + api.settings.tail_max_duration.count();
  options.memory = api.tail_memory;
  options.waiting_memory = api.waiting_memory;
  options.clock = api.clock;
  auto tail = std::make_shared<Tail>(std::move(options));
  const Status added = api.tails->Add(tail, call.settings->max_concurrent_tail_requests);
  if (!added.ok()) return Upgrade(std::make_unique<RefusedTail>(GrpcText(added)));
  auto connection = std::make_unique<TailConnection>(tail, api.tails);
  StatusOr<ChargedEntries> backlog = ReadBacklog(api, call, *tail, std::move(params));
  if (call.RunsAgain(backlog.status())) return backlog.status();
  if (!backlog.ok()) return Upgrade(std::make_unique<RefusedTail>(GrpcText(backlog.status())));
  tail->Begin(std::move(backlog->entries));
  return Upgrade(std::move(connection));
}

}  // namespace

Reply TailStream(const ApiContext& api, const Call& call) { return StartTail(api, call, false); }
Reply LegacyTailStream(const ApiContext& api, const Call& call) {
  return StartTail(api, call, true);
}

}  // namespace skald::api
