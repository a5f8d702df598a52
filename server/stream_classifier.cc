#include "server/stream_classifier.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "query/syntax/parser.h"
#include "server/retention_policy.h"

namespace skald {
namespace {

constexpr uint32_t kSecondsPerHour = 3600;
// Classes are counted with 16 bits.
constexpr size_t kMaxClasses = 4096;

struct PolicyRule {
  std::vector<Matcher> matchers;
  int64_t priority;
  size_t policy;  // its place among the names
};

bool Matches(const std::vector<Matcher>& matchers, const LabelSet& labels) {
  return std::all_of(matchers.begin(), matchers.end(), [&labels](const Matcher& matcher) {
    return matcher.Matches(labels.Get(matcher.name()));
  });
}

class ConfiguredClassifier final : public ingest::StreamClassifier {
 public:
  ConfiguredClassifier(const std::vector<std::string>& policies, std::vector<PolicyRule> rules,
                       const storage::TenantRetention& retention)
      : rules_(std::move(rules)), cuts_(retention, 0), periods_(PeriodsOf(cuts_)) {
    for (const std::string& policy : policies) {
      for (const uint32_t seconds : periods_) {
        classes_.push_back({policy, seconds == 0 ? "" : StrCat(seconds / kSecondsPerHour)});
      }
    }
  }

  std::span<const ingest::StreamClass> classes() const override { return classes_; }

  uint16_t ClassOf(const LabelSet& labels) const override {
    size_t policy = 0;
    for (const PolicyRule& rule : rules_) {
      if (!Matches(rule.matchers, labels)) continue;
      policy = rule.policy;
      break;
    }
    const auto period = std::find(periods_.begin(), periods_.end(), cuts_.ClassOf(labels));
    const auto place = static_cast<size_t>(period - periods_.begin());
    return static_cast<uint16_t>(policy * periods_.size() + place);
  }

 private:
  static std::vector<uint32_t> PeriodsOf(const storage::RetentionCuts& cuts) {
    std::vector<uint32_t> periods = {cuts.default_class()};
    for (const auto& rule : cuts.rules()) periods.push_back(rule.retention_class);
    std::sort(periods.begin(), periods.end());
    periods.erase(std::unique(periods.begin(), periods.end()), periods.end());
    return periods;
  }

  const std::vector<PolicyRule> rules_;  // in order of precedence
  const storage::RetentionCuts cuts_;
  const std::vector<uint32_t> periods_;  // in seconds
  std::vector<ingest::StreamClass> classes_;
};

}  // namespace

StatusOr<std::shared_ptr<const ingest::StreamClassifier>> MakeStreamClassifier(
    const config::TenantLimits& limits) {
  std::vector<std::string> names = {""};
  for (const config::PolicyRule& rule : limits.policy_stream_mapping) names.push_back(rule.policy);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());

  std::vector<PolicyRule> rules;
  for (const config::PolicyRule& rule : limits.policy_stream_mapping) {
    auto matchers = query::ParseMatchers(rule.selector);
    if (!matchers.ok()) {
      return Annotate(matchers.status(), StrCat("policy_stream_mapping selector ", rule.selector));
    }
    const auto name = std::lower_bound(names.begin(), names.end(), rule.policy);
    rules.push_back(
        {*std::move(matchers), rule.priority, static_cast<size_t>(name - names.begin())});
  }
  // Of equal priorities the policy counts whose name comes first.
  std::stable_sort(rules.begin(), rules.end(), [](const PolicyRule& a, const PolicyRule& b) {
    return a.priority != b.priority ? a.priority > b.priority : a.policy < b.policy;
  });
  ASSIGN_OR_RETURN(const storage::TenantRetention retention, MakeTenantRetention(limits));
  auto classifier =
      std::make_shared<const ConfiguredClassifier>(names, std::move(rules), retention);
  if (classifier->classes().size() > kMaxClasses) {
    return InvalidArgument("too many policies and retention periods");
  }
  return std::shared_ptr<const ingest::StreamClassifier>(std::move(classifier));
}

}  // namespace skald
