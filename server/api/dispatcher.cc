#include "server/api/dispatcher.h"

#include <exception>
#include <optional>
#include <utility>

#include "query/engine/tenant_union.h"
#include "server/api/guard.h"
#include "server/api/request_limits.h"
#include "server/api/response_compression.h"
#include "server/api/strictest_settings.h"
#include "storage/base/ascii.h"
#include "storage/base/log.h"

namespace skald::api {
namespace {

constexpr std::string_view kOtherRoute = "other";
constexpr std::string_view kFormType = "application/x-www-form-urlencoded";

http::Response PlainStatus(int status) {
  http::Response response;
  response.status = status;
  return response;
}

http::Response Redirect(const http::Request& head, std::string_view clean_path) {
  http::Response response = PlainStatus(301);
  std::string location = http::EncodePath(clean_path);
  if (!head.query.empty()) StrAppend(&location, "?", head.query);
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

bool IsForm(const http::Request& request) {
  const std::string_view type = request.Header("Content-Type");
  return EqualsIgnoreCase(type.substr(0, type.find(';')), kFormType);
}

// The body's parameters come first, as with Go's forms.
Status ParseForm(const http::Request& request, http::Form* form) {
  Status status;
  if (request.method != "GET" && IsForm(request)) status.Update(form->Add(request.body));
  status.Update(form->Add(request.query));
  return status;
}

// Whether requests of the pool ask about a tenant's data, with a query's parameters and settings.
bool AsksForData(Pool pool) { return pool == Pool::kQuery || pool == Pool::kDelete; }

Status TooManyRequests() { return Exhausted("too many outstanding requests"); }

}  // namespace

// Lives in the session until its response has been posted there, so that handlers and callbacks
// may hold on to it until they respond.
class Dispatcher::ApiExchange final : public http::Exchange {
 public:
  ApiExchange(Dispatcher* dispatcher, const Route& route, std::string tenant,
              std::string path_value, const http::Request& head,
              std::optional<auth::Password> unverified)
      : dispatcher_(dispatcher),
        api_(*dispatcher->api_),
        route_(route),
        label_(RouteLabel(route)),
        begin_(api_.clock->MonotonicNanos()),
        call_{.request = head,
              .tenant = std::move(tenant),
              .path_value = std::move(path_value),
              .now = api_.clock->WallNanos()},
        unverified_(std::move(unverified)),
        in_flight_(dispatcher->metrics_.InFlight(head.method, label_)) {
    in_flight_.Add(1);
  }
  ~ApiExchange() override { in_flight_.Add(-1); }

  uint64_t max_body_bytes() const override {
    return route_.pool == Pool::kPush ? api_.settings.max_push_bytes : api_.settings.max_form_bytes;
  }

  http::Response Refuse(const Status& error) override {
    // Go's form parser has its own words for what is too long.
    const bool form = HttpStatusOf(error) == 413 && route_.pool != Pool::kPush;
    http::Response response =
        ErrorResponse(form ? InvalidArgument("http: POST too large") : error, route_.errors);
    Observe(response);
    return response;
  }

  bool must_verify() const override { return unverified_.has_value(); }
  void Verify(Verified done) override;
  void Handle(const http::Request& request, Respond respond) override;
  StopToken* stop_token() override { return stop_ ? &*stop_ : nullptr; }

 private:
  // The answer that turns the client away, or nothing when it may go on for its tenant.
  std::optional<http::Response> Judge(const auth::Authenticator::Known& client);
  std::shared_ptr<const TenantQuerySettings> SettingsOf(std::string_view tenants) const;
  // Each goes on until the request waits for something else or is answered. What they throw, for
  // want of memory, ends it.
  void Begin();
  void Run();
  // Has `step` done; answers if it throws before the request was answered.
  template <typename Step>
  void Guarded(Step step);
  bool Submit();
  // Has the query begun again among heavy ones, with all the work that it needs and what memory
  // those may have.
  void RunAsHeavy();
  Reply CallHandler();
  // Reads the parameters into call_.form, and charges for them. An error is to be answered.
  Status ReadForm();
  // The response of `reply_`, which holds nothing of this exchange.
  http::Response TakeResponse();
  // The answer to an error, of which the log will have all.
  http::Response Fail(const Status& error);
  // Each answers; the first counts the answer, too.
  void Finish(http::Response response);
  void Answer(http::Response response);
  void Observe(const http::Response& response);

  Dispatcher* const dispatcher_;
  const ApiContext& api_;
  const Route& route_;
  const std::string label_;
  const int64_t begin_;
  int64_t submitted_ = 0;  // when it began to wait for a thread
  Call call_;
  const std::optional<auth::Password> unverified_;
  Gauge in_flight_;
  std::optional<StopToken> stop_;
  std::optional<MemoryBudget> light_memory_;  // what the query may hold while it counts as light
  Reservation form_memory_;
  Reply reply_ = Status();
  Status error_;  // that is answered, if any
  Respond respond_;
};

void Dispatcher::ApiExchange::Verify(Verified done) {
  // Shared, because a call that the authenticator does not take would be lost with its argument.
  const auto answer = std::make_shared<Verified>(std::move(done));
  const bool taken = api_.authenticator->Verify(
      *unverified_,
      [this, answer](const auth::Authenticator::Known& client) { (*answer)(Judge(client)); });
  if (taken) return;
  http::Response busy = ErrorResponse(TooManyRequests(), route_.errors);
  Observe(busy);
  (*answer)(std::move(busy));
}

std::optional<http::Response> Dispatcher::ApiExchange::Judge(
    const auth::Authenticator::Known& client) {
  http::Response refusal;
  if (client == nullptr) {
    refusal = UnknownClient();
  } else {
    StatusOr<std::string> tenant = TenantOfClient(api_, route_, call_.request, *client);
    if (tenant.ok()) {
      call_.tenant = *std::move(tenant);
      return std::nullopt;
    }
    refusal = ErrorResponse(tenant.status(), ErrorStyle::kPlain);
  }
  Observe(refusal);
  return refusal;
}

void Dispatcher::ApiExchange::Handle(const http::Request&, Respond respond) {
  respond_ = std::move(respond);
  submitted_ = api_.clock->MonotonicNanos();
  Guarded([this] { Begin(); });
}

template <typename Step>
void Dispatcher::ApiExchange::Guarded(Step step) {
  try {
    step();
  } catch (const std::exception& error) {
    SKALD_LOG(kError, "a request failed", {{"route", label_}, {"err", error.what()}});
    if (respond_) Answer(PlainStatus(500));
  }
}

void Dispatcher::ApiExchange::Begin() {
  if (AsksForData(route_.pool)) {
    call_.settings = SettingsOf(call_.tenant);
    const int64_t timeout = call_.settings->timeout.count();
    if (timeout > 0) {
      stop_.emplace(api_.clock, submitted_ + timeout);
    } else {
      stop_.emplace();
    }
    stop_->Allow(api_.settings.light_query_work);
    call_.stop = &*stop_;
    light_memory_.emplace("a light query", api_.settings.light_query_memory, api_.query_memory);
    call_.memory = &*light_memory_;
    call_.is_light = true;
  }
  if (!Submit()) Finish(Fail(TooManyRequests()));
}

std::shared_ptr<const TenantQuerySettings> Dispatcher::ApiExchange::SettingsOf(
    std::string_view tenants) const {
  std::shared_ptr<const TenantQuerySettings> all;
  for (const std::string_view tenant : query::SplitTenants(tenants)) {
    auto own = api_.query_settings->QuerySettingsOf(tenant);
    all = all == nullptr ? std::move(own)
                         : std::make_shared<const TenantQuerySettings>(Strictest(*all, *own));
  }
  const std::string_view header = call_.request.Header(kQueryLimitsHeader);
  if (header.empty() || !api_.settings.per_request_limits_enabled) return all;
  const auto own = ParseRequestLimits(header);
  return own ? std::make_shared<const TenantQuerySettings>(Strictest(*all, *own)) : all;
}

bool Dispatcher::ApiExchange::Submit() {
  auto job = [this] { Guarded([this] { Run(); }); };
  switch (route_.pool) {
    case Pool::kPush:
      return dispatcher_->pools_.push->TrySubmit(job);
    case Pool::kQuery:
      return dispatcher_->pools_.query->TrySubmit(Lane::kLight, call_.tenant, job);
    case Pool::kDelete:
      return dispatcher_->pools_.deletes->TrySubmit(job);
    case Pool::kReport:
      return dispatcher_->pools_.report->TrySubmit(job);
    case Pool::kAdmin:
      return dispatcher_->pools_.admin->TrySubmit(job);
    case Pool::kInline:
      break;
  }
  Run();
  return true;
}

void Dispatcher::ApiExchange::Run() {
  call_.queue_nanos += api_.clock->MonotonicNanos() - submitted_;
  reply_ = CallHandler();
  if (call_.RunsAgain(reply_.status)) return RunAsHeavy();
  if (route_.pool == Pool::kQuery) {
    api_.query_metrics->ObserveWait(std::chrono::nanoseconds(call_.queue_nanos));
  }
  const std::optional<LogPosition> durable_at = reply_.durable_at;
  http::Response response = TakeResponse();
  if (!durable_at) return Finish(std::move(response));
  api_.engine->writer()->WhenDurable(
      *durable_at, [this, response = std::move(response)](const Status& durable) mutable {
        if (!durable.ok()) response = Fail(durable);
        Finish(std::move(response));
      });
}

void Dispatcher::ApiExchange::RunAsHeavy() {
  api_.query_metrics->CountHeavy();
  reply_ = Status();
  stop_->AllowAll();
  call_.memory = api_.heavy_memory;
  call_.is_light = false;
  call_.form = http::Form();
  submitted_ = api_.clock->MonotonicNanos();
  const bool taken = dispatcher_->pools_.query->TrySubmit(Lane::kHeavy, call_.tenant,
                                                          [this] { Guarded([this] { Run(); }); });
  if (!taken) Finish(Fail(TooManyRequests()));
}

Status Dispatcher::ApiExchange::ReadForm() {
  Status parsed = ParseForm(call_.request, &call_.form);
  form_memory_ = Reservation(api_.query_memory);
  RETURN_IF_ERROR(form_memory_.Grow(call_.form.memory()));
  const bool is_page = !AsksForData(route_.pool) || route_.access == Access::kOpen;
  return is_page ? absl::OkStatus() : parsed;  // pages do without what is malformed
}

http::Response Dispatcher::ApiExchange::TakeResponse() {
  http::Response response = reply_.status.ok() ? std::move(reply_.response) : Fail(reply_.status);
  reply_ = Status();
  if (route_.pool == Pool::kQuery && api_.settings.compress_responses) {
    CompressResponse(call_.request.Header("Accept-Encoding"), call_.memory, &response);
  }
  if (call_.is_light) response.body.MoveChargeToParent();
  call_.form = http::Form();
  form_memory_.Release();
  return response;
}

Reply Dispatcher::ApiExchange::CallHandler() {
  if (call_.stop != nullptr) RETURN_IF_ERROR(call_.stop->Check());
  try {
    if (route_.pool != Pool::kPush) RETURN_IF_ERROR(ReadForm());
    Reply reply = route_.handler(api_, call_);
    reply.status.Update(reply.response.body.status());
    return reply;
  } catch (const std::exception& error) {  // out of memory, or a library's surprise
    dispatcher_->metrics_.CountPanic();
    SKALD_LOG(kError, "a handler failed", {{"route", label_}, {"err", error.what()}});
    return Internal(StrCat("error while processing request: ", error.what()));
  }
}

http::Response Dispatcher::ApiExchange::Fail(const Status& error) {
  error_ = error;
  return ErrorResponse(error, route_.errors);
}

void Dispatcher::ApiExchange::Finish(http::Response response) {
  Observe(response);
  Answer(std::move(response));
}

void Dispatcher::ApiExchange::Answer(http::Response response) {
  // Once called, the session may end this exchange; it does if what is called throws.
  Respond respond = std::move(respond_);
  try {
    respond(std::move(response));
  } catch (const std::exception& error) {
    SKALD_LOG(kError, "an answer was lost", {{"err", error.what()}});
  }
}

void Dispatcher::ApiExchange::Observe(const http::Response& response) {
  const int64_t nanos = api_.clock->MonotonicNanos() - begin_;
  dispatcher_->metrics_.Observe({.method = call_.request.method,
                                 .route = label_,
                                 .status = response.status,
                                 .duration = std::chrono::nanoseconds(nanos),
                                 .request_bytes = call_.request.body.size(),
                                 .response_bytes = response.body.size(),
                                 .websocket = response.websocket != nullptr});
  // Whoever asks while the server starts or stops is told so; that is no failure.
  const bool expected = response.status == 503 && api_.readiness != Readiness::kReady;
  if (response.status >= 500 && !expected) {
    SKALD_LOG(kWarn, "request failed",
              {{"method", call_.request.method},
               {"route", label_},
               {"tenant", call_.tenant},
               {"status", response.status},
               {"err", Message(error_)}});
  }
}

Dispatcher::Dispatcher(ApiContext* api, const DispatcherPools& pools)
    : api_(api), pools_(pools), router_(AllRoutes()), metrics_(api->metrics) {}

http::Admission Dispatcher::Admit(const http::Request& head) {
  const std::string clean = http::CleanPath(head.path);
  if (clean != head.path) return Turn(head, kOtherRoute, Redirect(head, clean));

  std::string_view path = head.path;
  const std::string_view prefix = api_->settings.path_prefix;
  const bool inside = path.starts_with(prefix);
  if (inside) path.remove_prefix(prefix.size());
  const Router::Match match = router_.Find(head.method, path);
  if (!inside || match.route == nullptr) {
    return Turn(head, kOtherRoute,
                ErrorResponse(NotFound("404 page not found"), ErrorStyle::kPlain));
  }
  if (!match.method_allowed) return Turn(head, kOtherRoute, PlainStatus(405));

  Entry entry = Enter(head, *match.route);
  if (entry.unknown) return Turn(head, RouteLabel(*match.route), UnknownClient());
  if (!entry.tenant.ok()) {
    return Turn(head, RouteLabel(*match.route),
                ErrorResponse(entry.tenant.status(), ErrorStyle::kPlain));
  }
  const bool needs_engine = match.route->access != Access::kOpen &&
                            (match.route->pool == Pool::kPush || AsksForData(match.route->pool));
  if (needs_engine && api_->readiness == Readiness::kStarting) {
    return Turn(head, RouteLabel(*match.route),
                ErrorResponse(Unavailable("the server is starting"), match.route->errors));
  }
  http::Admission admission;
  admission.exchange = std::make_unique<ApiExchange>(this, *match.route, *std::move(entry.tenant),
                                                     std::string(match.path_value), head,
                                                     std::move(entry.unverified));
  return admission;
}

Dispatcher::Entry Dispatcher::Enter(const http::Request& head, const Route& route) {
  if (!IsGuarded(*api_, route)) return {.tenant = TenantOfAnyone(*api_, route, head)};
  const auth::Credentials credentials = auth::ParseCredentials(head.Header("Authorization"));
  auth::Authenticator::Known client;
  if (!api_->authenticator->Recognise(credentials, &client)) {
    return {.tenant = std::string(), .unverified = std::get<auth::Password>(credentials)};
  }
  if (client == nullptr) return {.tenant = std::string(), .unknown = true};
  return {.tenant = TenantOfClient(*api_, route, head, *client)};
}

http::Admission Dispatcher::Turn(const http::Request& head, std::string_view route,
                                 http::Response response) {
  metrics_.Observe({.method = head.method, .route = route, .status = response.status});
  http::Admission admission;
  admission.response = std::move(response);
  return admission;
}

}  // namespace skald::api
