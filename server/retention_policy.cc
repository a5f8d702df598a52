#include "server/retention_policy.h"

#include <utility>

#include "query/syntax/parser.h"

namespace skald {

StatusOr<storage::TenantRetention> MakeTenantRetention(const config::TenantLimits& limits) {
  storage::TenantRetention tenant;
  tenant.period_nanos = limits.retention_period.count();
  for (const config::RetentionRule& rule : limits.retention_stream) {
    storage::RetentionRule made;
    StatusOr<std::vector<Matcher>> matchers = query::ParseMatchers(rule.selector);
    if (!matchers.ok()) {
      return Annotate(matchers.status(), StrCat("retention_stream selector ", rule.selector));
    }
    made.matchers = *std::move(matchers);
    made.priority = rule.priority;
    made.period_nanos = rule.period.count();
    tenant.streams.push_back(std::move(made));
  }
  return tenant;
}

StatusOr<std::shared_ptr<const storage::RetentionPolicy>> MakeRetentionPolicy(
    const config::TenantLimits& defaults, const config::TenantOverrides& overrides) {
  auto policy = std::make_shared<storage::RetentionPolicy>();
  ASSIGN_OR_RETURN(policy->fallback, MakeTenantRetention(defaults));
  for (const auto& [tenant, limits] : overrides) {
    ASSIGN_OR_RETURN(policy->tenants[tenant], MakeTenantRetention(limits));
  }
  return std::shared_ptr<const storage::RetentionPolicy>(std::move(policy));
}

}  // namespace skald
