#include "server/serving_metrics.h"

namespace skald {

void ExposeServingMetrics(const ServingParts& parts, MetricsRegistry* registry) {
  registry
      ->GetGauge("loki_tcp_connections_limit", "Connections above this number wait.",
                 {{"protocol", "http"}})
      .Set(static_cast<double>(parts.max_connections));
  const Gauge connections = registry->GetGauge(
      "loki_tcp_connections", "Current number of TCP connections.", {{"protocol", "http"}});
  const Gauge queries =
      registry->GetGauge("loki_query_scheduler_queue_length", "Queries that wait for their turn.");
  const Gauge pushes =
      registry->GetGauge("skald_push_queue_length", "Pushes that wait for a thread.");
  registry->OnExpose([parts, connections, queries, pushes] {
    connections.Set(static_cast<double>(parts.http->connections()));
    queries.Set(static_cast<double>(parts.query_pool->queued()));
    pushes.Set(static_cast<double>(parts.push_pool->queued()));
  });
}

}  // namespace skald
