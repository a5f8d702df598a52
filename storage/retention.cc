#include "storage/retention.h"

#include <algorithm>
#include <limits>

namespace skald::storage {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::min();

int64_t CutAt(int64_t now, int64_t period) {
  if (period <= 0 || now < kNever + period) return kNever;
  return now - period;
}

bool MatchesAllOf(const LabelSet& labels, const std::vector<Matcher>& matchers) {
  return std::all_of(matchers.begin(), matchers.end(), [&](const Matcher& matcher) {
    return matcher.Matches(labels.Get(matcher.name()));
  });
}

}  // namespace

RetentionCuts::RetentionCuts(const TenantRetention& retention, int64_t now_nanos)
    : default_cut_(CutAt(now_nanos, retention.period_nanos)) {
  for (const RetentionRule& rule : retention.streams) {
    rules_.push_back({rule.matchers, rule.priority, CutAt(now_nanos, rule.period_nanos)});
  }
  // A shorter period is a later cut.
  std::stable_sort(rules_.begin(), rules_.end(), [](const Rule& a, const Rule& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.cut > b.cut;
  });
}

RetentionCuts RetentionCuts::Of(const RetentionPolicy* policy, std::string_view tenant,
                                int64_t now_nanos) {
  if (policy == nullptr) return RetentionCuts();
  const auto found = policy->tenants.find(tenant);
  return RetentionCuts(found == policy->tenants.end() ? policy->fallback : found->second,
                       now_nanos);
}

int64_t RetentionCuts::CutOf(const LabelSet& labels) const {
  for (const Rule& rule : rules_) {
    if (MatchesAllOf(labels, rule.matchers)) return rule.cut;
  }
  return default_cut_;
}

int64_t RetentionCuts::latest_cut() const {
  int64_t latest = default_cut_;
  for (const Rule& rule : rules_) latest = std::max(latest, rule.cut);
  return latest;
}

}  // namespace skald::storage
