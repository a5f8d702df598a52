// Metrics that show what some component counts itself: read anew at every exposition.
#pragma once

#include <utility>
#include <vector>

#include "storage/base/metrics.h"

namespace skald {

// A metric and the member of Stats that it shows.
template <typename Stats>
struct Shown {
  const char* name;
  const char* help;
  double (*value)(const Stats&);
};

// Has gauges and counters follow what `read` returns. A counter here is something that only grows
// elsewhere.
template <typename Stats, size_t N, size_t M, typename Read>
void Follow(const Shown<Stats> (&gauges)[N], const Shown<Stats> (&counters)[M], Read read,
            MetricsRegistry* registry) {
  std::vector<std::pair<Gauge, const Shown<Stats>*>> shown;
  for (const Shown<Stats>& one : gauges) {
    shown.emplace_back(registry->GetGauge(one.name, one.help), &one);
  }
  std::vector<std::pair<Counter, const Shown<Stats>*>> counted;
  for (const Shown<Stats>& one : counters) {
    counted.emplace_back(registry->GetCounter(one.name, one.help), &one);
  }
  registry->OnExpose([shown = std::move(shown), counted = std::move(counted), read] {
    const Stats stats = read();
    for (const auto& [gauge, one] : shown) gauge.Set(one->value(stats));
    for (const auto& [counter, one] : counted) {
      const double growth = one->value(stats) - counter.value();
      if (growth > 0) counter.Increment(growth);
    }
  });
}

}  // namespace skald
