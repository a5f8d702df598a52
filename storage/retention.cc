#include "storage/retention.h"

#include <algorithm>
#include <limits>

#include "storage/model/matches_all.h"

namespace skald::storage {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

int64_t CutAt(int64_t now, int64_t period) {
  if (period <= 0 || now < kNever + period) return kNever;
  return now - period;
}

bool IsShorter(int64_t a, int64_t b) { return a > 0 && (b <= 0 || a < b); }

}  // namespace

uint32_t RetentionClassOf(int64_t period_nanos) {
  constexpr int64_t kSecond = 1'000'000'000;
  if (period_nanos <= 0) return 0;
  const int64_t seconds = (period_nanos - 1) / kSecond + 1;
  return static_cast<uint32_t>(std::min<int64_t>(seconds, std::numeric_limits<uint32_t>::max()));
}

RetentionCuts::RetentionCuts(const TenantRetention& retention, int64_t now_nanos)
    : default_class_(RetentionClassOf(retention.period_nanos)),
      default_cut_(CutAt(now_nanos, retention.period_nanos)) {
  std::vector<const RetentionRule*> ordered;
  for (const RetentionRule& rule : retention.streams) ordered.push_back(&rule);
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const RetentionRule* a, const RetentionRule* b) {
                     if (a->priority != b->priority) return a->priority > b->priority;
                     return IsShorter(a->period_nanos, b->period_nanos);
                   });
  for (const RetentionRule* rule : ordered) {
    rules_.push_back({rule->matchers, rule->priority, CutAt(now_nanos, rule->period_nanos),
                      RetentionClassOf(rule->period_nanos)});
  }
}

RetentionCuts RetentionCuts::Of(const RetentionPolicy* policy, std::string_view tenant,
                                int64_t now_nanos) {
  if (policy == nullptr) return RetentionCuts();
  const auto found = policy->tenants.find(tenant);
  return RetentionCuts(found == policy->tenants.end() ? policy->fallback : found->second,
                       now_nanos);
}

const RetentionCuts::Rule* RetentionCuts::RuleOf(const LabelSet& labels) const {
  for (const Rule& rule : rules_) {
    if (MatchesAll(labels, rule.matchers)) return &rule;
  }
  return nullptr;
}

int64_t RetentionCuts::CutOf(const LabelSet& labels) const {
  const Rule* const rule = RuleOf(labels);
  return rule == nullptr ? default_cut_ : rule->cut;
}

uint32_t RetentionCuts::ClassOf(const LabelSet& labels) const {
  const Rule* const rule = RuleOf(labels);
  return rule == nullptr ? default_class_ : rule->retention_class;
}

int64_t RetentionCuts::latest_cut() const {
  int64_t latest = default_cut_;
  for (const Rule& rule : rules_) latest = std::max(latest, rule.cut);
  return latest;
}

}  // namespace skald::storage
