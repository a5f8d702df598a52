#include "server/api/request_metrics.h"

#include <algorithm>
#include <array>

#include "storage/base/strings.h"

namespace skald::api {
namespace {

const std::vector<double>& DurationBounds() {
  static const std::vector<double> bounds = {.005, .01, .025, .05, .1, .25, .5,
                                             1,    2.5, 5,    10,  25, 50,  100};
  return bounds;
}

const std::vector<double>& SizeBounds() {
  static const std::vector<double> bounds = {1 << 20,  5 << 19,  5 << 20,   10 << 20,
                                             25 << 20, 50 << 20, 100 << 20, 250 << 20};
  return bounds;
}

// A client's word for a method becomes a label only if it is a known one.
std::string MethodLabel(std::string_view method) {
  constexpr std::array<std::string_view, 7> kKnown = {"GET",  "POST",    "PUT",  "DELETE",
                                                      "HEAD", "OPTIONS", "PATCH"};
  const bool known = std::find(kKnown.begin(), kKnown.end(), method) != kKnown.end();
  return known ? std::string(method) : "other";
}

}  // namespace

void RequestMetrics::Observe(const Finished& request) {
  const Handles handles = HandlesOf(request);
  handles.duration.Observe(std::chrono::duration<double>(request.duration).count());
  handles.request_bytes.Observe(static_cast<double>(request.request_bytes));
  handles.response_bytes.Observe(static_cast<double>(request.response_bytes));
}

RequestMetrics::Handles RequestMetrics::HandlesOf(const Finished& request) {
  const std::string method = MethodLabel(request.method);
  const std::string route(request.route);
  const std::string key = StrCat(method, " ", route, " ", request.status);
  MutexLock lock(&mutex_);
  const auto [entry, added] = handles_.try_emplace(key);
  if (added) {
    entry->second.duration =
        registry_->GetHistogram("loki_request_duration_seconds",
                                "Time (in seconds) spent serving HTTP requests.", DurationBounds(),
                                {{"method", method},
                                 {"route", route},
                                 {"status_code", StrCat(request.status)},
                                 {"ws", request.websocket ? "true" : "false"}});
    entry->second.request_bytes =
        registry_->GetHistogram("loki_request_message_bytes", "Size (in bytes) of requests.",
                                SizeBounds(), {{"method", method}, {"route", route}});
    entry->second.response_bytes =
        registry_->GetHistogram("loki_response_message_bytes", "Size (in bytes) of responses.",
                                SizeBounds(), {{"method", method}, {"route", route}});
  }
  return entry->second;
}

Gauge RequestMetrics::InFlight(std::string_view method, std::string_view route) {
  const std::string label = MethodLabel(method);
  const std::string key = StrCat(label, " ", route);
  MutexLock lock(&mutex_);
  const auto [entry, added] = in_flight_.try_emplace(key);
  if (added) {
    entry->second = registry_->GetGauge("loki_inflight_requests", "Requests in flight.",
                                        {{"method", label}, {"route", std::string(route)}});
  }
  return entry->second;
}

}  // namespace skald::api
