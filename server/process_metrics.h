// The numbers of the process as metrics: what it uses of the machine, what of its memory limit is
// taken, what it has logged, and how reading its configuration again went.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "server/memory_plan.h"
#include "storage/base/clock.h"
#include "storage/base/memory_budget.h"
#include "storage/base/metrics.h"

namespace skald {

// All are refreshed at every exposition.
void ExposeProcessMetrics(MetricsRegistry* registry);

// `budgets` by the name of their user; they must live as long as metrics are exposed.
void ExposeMemoryMetrics(const MemoryPlan& plan,
                         const std::vector<std::pair<std::string, const MemoryBudget*>>& budgets,
                         MetricsRegistry* registry);

// Whether settings that were read again took effect. Threads: thread-safe.
class ReloadMetrics {
 public:
  // `source` is what was read: `config` or `runtime`. Starts as successful. Both must outlive this.
  ReloadMetrics(const std::string& source, const Clock* clock, MetricsRegistry* registry);
  void Observe(bool successful) const;

 private:
  const Clock* const clock_;
  const Gauge successful_;
  const Gauge at_;
};

}  // namespace skald
