#include "server/api/query_metrics.h"

#include "storage/base/strings.h"

namespace skald::api {
namespace {

const std::vector<double>& LatencyBounds() {
  static const std::vector<double> bounds = {.0025, .005, .01, .025, .05, .1,
                                             .25,   .5,   1,   2.5,  5,   10};
  return bounds;
}

const std::vector<double>& ThroughputBounds() {
  static const std::vector<double> bounds = {50e6,  100e6, 200e6, 300e6, 400e6, 500e6,
                                             600e6, 800e6, 1e9,   2e9,   4e9,   8e9};
  return bounds;
}

const std::vector<double>& WaitBounds() {
  static const std::vector<double> bounds = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
  return bounds;
}

}  // namespace

QueryMetrics::QueryMetrics(MetricsRegistry* registry)
    : registry_(registry),
      wait_(registry->GetHistogram("loki_query_scheduler_queue_duration_seconds",
                                   "Time queries waited for their turn.", WaitBounds())),
      heavy_(registry->GetCounter("skald_heavy_queries_total",
                                  "Queries that were begun again among the heavy ones.")) {}

void QueryMetrics::ObserveWait(std::chrono::nanoseconds wait) const {
  wait_.Observe(std::chrono::duration<double>(wait).count());
}

void QueryMetrics::Observe(const Answered& query) {
  const double seconds = std::chrono::duration<double>(query.duration).count();
  MutexLock lock(&mutex_);
  const auto [entry, added] =
      handles_.try_emplace(StrCat(query.status, " ", query.type, " ", query.range));
  Handles& handles = entry->second;
  if (added) {
    MetricsRegistry::Labels labels = {{"status_code", StrCat(query.status)},
                                      {"type", std::string(query.type)},
                                      {"range", std::string(query.range)}};
    handles.latency = registry_->GetHistogram("loki_logql_querystats_latency_seconds",
                                              "Distribution of latency for LogQL queries.",
                                              LatencyBounds(), labels);
    handles.bytes_per_second =
        registry_->GetHistogram("loki_logql_querystats_bytes_processed_per_seconds",
                                "Distribution of bytes processed per second for LogQL queries.",
                                ThroughputBounds(), labels);
  }
  handles.latency.Observe(seconds);
  if (seconds > 0) handles.bytes_per_second.Observe(static_cast<double>(query.bytes) / seconds);
}

}  // namespace skald::api
