#include "server/api/router.h"

#include <algorithm>
#include <array>

#include "server/api/endpoints.h"

namespace skald::api {
namespace {

constexpr std::string_view kGet = "GET";
constexpr std::string_view kPost = "POST";
constexpr std::string_view kBoth = "GET POST";

constexpr Route PushRoute(std::string_view path, Handler handler, ErrorStyle errors) {
  return {kPost, path, handler, Pool::kPush, Access::kTenant, errors};
}
constexpr Route QueryRoute(std::string_view path, Handler handler) {
  return {kBoth, path, handler, Pool::kQuery, Access::kTenants, ErrorStyle::kQuery};
}
constexpr Route TailRoute(std::string_view path, Handler handler) {
  return {kBoth, path, handler, Pool::kQuery, Access::kTenant, ErrorStyle::kQuery};
}
constexpr Route OpenRoute(std::string_view methods, std::string_view path, Handler handler,
                          Pool pool = Pool::kInline) {
  return {methods, path, handler, pool, Access::kOpen, ErrorStyle::kPlain};
}
constexpr Route OperatorRoute(std::string_view methods, std::string_view path, Handler handler,
                              Pool pool = Pool::kInline) {
  return {methods, path, handler, pool, Access::kOperator, ErrorStyle::kPlain};
}
constexpr Route TenantPageRoute(std::string_view path, Handler handler) {
  return {kGet, path, handler, Pool::kInline, Access::kTenant, ErrorStyle::kPlain};
}

constexpr std::array kRoutes = {
    PushRoute("/loki/api/v1/push", Push, ErrorStyle::kPlain),
    PushRoute("/api/prom/push", LegacyPush, ErrorStyle::kPlain),
    PushRoute("/otlp/v1/logs", OtlpPush, ErrorStyle::kOtlp),

    QueryRoute("/loki/api/v1/query_range", QueryRange),
    QueryRoute("/loki/api/v1/query", QueryInstant),
    TailRoute("/loki/api/v1/tail", TailStream),
    TailRoute("/api/prom/tail", LegacyTailStream),
    QueryRoute("/loki/api/v1/labels", Labels),
    QueryRoute("/loki/api/v1/label", Labels),
    QueryRoute("/loki/api/v1/label/{name}/values", LabelValues),
    QueryRoute("/loki/api/v1/series", Series),
    QueryRoute("/loki/api/v1/index/stats", IndexStats),
    QueryRoute("/loki/api/v1/index/shards", IndexShards),
    QueryRoute("/loki/api/v1/index/volume", Volume),
    QueryRoute("/loki/api/v1/index/volume_range", VolumeRange),
    QueryRoute("/loki/api/v1/patterns", Patterns),
    QueryRoute("/loki/api/v1/detected_labels", DetectedLabels),
    QueryRoute("/loki/api/v1/detected_fields", DetectedFields),
    QueryRoute("/loki/api/v1/detected_field/{name}/values", DetectedFieldValues),
    QueryRoute("/api/prom/query", LegacyQuery),
    QueryRoute("/api/prom/label", LegacyLabels),
    QueryRoute("/api/prom/label/{name}/values", LegacyLabelValues),
    QueryRoute("/api/prom/series", Series),

    Route{"GET", "/loki/api/v1/delete", Delete, Pool::kQuery, Access::kTenant, ErrorStyle::kPlain},
    Route{"PUT POST DELETE", "/loki/api/v1/delete", Delete, Pool::kDelete, Access::kTenant,
          ErrorStyle::kPlain},

    OpenRoute(kBoth, "/loki/api/v1/format_query", FormatQuery, Pool::kQuery),
    OpenRoute(kGet, "/loki/api/v1/status/buildinfo", BuildInfo),
    OpenRoute(kGet, "/ready", Ready),
    OperatorRoute(kGet, "/services", Services),
    OperatorRoute(kGet, "/metrics", Metrics, Pool::kReport),
    OperatorRoute(kGet, "/config", ConfigPage, Pool::kReport),
    OperatorRoute(kBoth, "/log_level", LogLevelPage),
    OperatorRoute(kBoth, "/flush", Flush, Pool::kAdmin),
    OperatorRoute(kBoth, "/skald/api/v1/compact", Compact, Pool::kAdmin),
    OperatorRoute(kBoth, "/ingester/shutdown", Shutdown, Pool::kAdmin),
    OperatorRoute("GET POST DELETE", "/ingester/prepare_shutdown", PrepareShutdown),
    OperatorRoute(kBoth, "/ring", RingPage),
    OperatorRoute(kBoth, "/distributor/ring", RingPage),
    OperatorRoute(kBoth, "/compactor/ring", RingPage),
    OperatorRoute(kBoth, "/indexgateway/ring", RingPage),
    OperatorRoute(kBoth, "/pattern/ring", RingPage),
    OperatorRoute(kBoth, "/ruler/ring", RingPage),
    OperatorRoute(kBoth, "/scheduler/ring", RingPage),
    OperatorRoute(kBoth, "/memberlist", MemberlistPage),

    TenantPageRoute("/loki/api/v1/drilldown-limits", DrilldownLimits),
    TenantPageRoute("/config/tenant/v1/limits", TenantLimits),
    TenantPageRoute("/loki/api/v1/rules", RuleGroups),
    TenantPageRoute("/api/prom/rules", RuleGroups),
    TenantPageRoute("/prometheus/api/v1/rules", PrometheusRules),
    TenantPageRoute("/prometheus/api/v1/alerts", PrometheusAlerts),
};

bool HasMethod(std::string_view methods, std::string_view method) {
  while (!methods.empty()) {
    const size_t end = std::min(methods.find(' '), methods.size());
    if (methods.substr(0, end) == method) return true;
    methods.remove_prefix(std::min(end + 1, methods.size()));
  }
  return false;
}

}  // namespace

std::span<const Route> AllRoutes() { return kRoutes; }

std::string RouteLabel(const Route& route) {
  std::string label;
  for (const char c : route.path.substr(1)) {
    if (c == '{' || c == '}') continue;
    label += c == '/' || c == '-' ? '_' : c;
  }
  return label;
}

Router::Router(std::span<const Route> routes) {
  for (const Route& route : routes) {
    const size_t open = route.path.find('{');
    if (open == std::string_view::npos) {
      const auto [own, added] = exact_.try_emplace(route.path, &route, 1);
      if (!added) own->second = {own->second.data(), own->second.size() + 1};
    } else {
      const size_t close = route.path.find('}');
      patterns_.push_back({route.path.substr(0, open), route.path.substr(close + 1), &route});
    }
  }
}

Router::Match Router::Find(std::string_view method, std::string_view path) const {
  Match match;
  if (const auto found = exact_.find(path); found != exact_.end()) {
    const std::span<const Route> own = found->second;
    const auto allowed = std::find_if(own.begin(), own.end(), [&](const Route& route) {
      return HasMethod(route.methods, method);
    });
    match.route = allowed == own.end() ? &own.front() : &*allowed;
  } else {
    for (const Pattern& pattern : patterns_) {
      const size_t fixed = pattern.prefix.size() + pattern.suffix.size();
      if (path.size() <= fixed || !path.starts_with(pattern.prefix) ||
          !path.ends_with(pattern.suffix)) {
        continue;
      }
      const std::string_view value = path.substr(pattern.prefix.size(), path.size() - fixed);
      if (value.find('/') != std::string_view::npos) continue;
      match.route = pattern.route;
      match.path_value = value;
      break;
    }
  }
  match.method_allowed = match.route != nullptr && HasMethod(match.route->methods, method);
  return match;
}

}  // namespace skald::api
