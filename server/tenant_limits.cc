#include "server/tenant_limits.h"

#include <utility>

#include "server/stream_classifier.h"

namespace skald {
namespace {

// Whether pushes are treated, and counted, alike.
bool IsSameIngest(const config::TenantLimits& a, const config::TenantLimits& b) {
  return a.ingest == b.ingest && a.policy_stream_mapping == b.policy_stream_mapping &&
         a.retention_period == b.retention_period && a.retention_stream == b.retention_stream;
}

}  // namespace

StatusOr<std::unique_ptr<TenantLimitsTable>> TenantLimitsTable::Create(
    const config::TenantLimits& defaults, const config::TenantOverrides& overrides) {
  std::unique_ptr<TenantLimitsTable> table(new TenantLimitsTable());
  RETURN_IF_ERROR(table->Replace(defaults, overrides));
  return table;
}

Status TenantLimitsTable::Replace(const config::TenantLimits& defaults,
                                  const config::TenantOverrides& overrides) {
  MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(Tenant fresh_default, MakeTenant(defaults, &default_));
  StringMap<Tenant> fresh;
  for (const auto& [name, limits] : overrides) {
    const auto before = tenants_.find(name);
    auto tenant = MakeTenant(limits, before == tenants_.end() ? nullptr : &before->second);
    if (!tenant.ok()) return Annotate(tenant.status(), StrCat("overrides of ", name));
    fresh.emplace(name, *std::move(tenant));
  }
  default_ = std::move(fresh_default);
  tenants_ = std::move(fresh);
  return absl::OkStatus();
}

StatusOr<TenantLimitsTable::Tenant> TenantLimitsTable::MakeTenant(
    const config::TenantLimits& limits, const Tenant* before) {
  Tenant tenant;
  tenant.limits = std::make_shared<const config::TenantLimits>(limits);
  if (before != nullptr && before->ingest != nullptr && IsSameIngest(*before->limits, limits)) {
    tenant.ingest = before->ingest;  // caches go by the object
  } else {
    ASSIGN_OR_RETURN(auto classifier, MakeStreamClassifier(limits));
    ASSIGN_OR_RETURN(tenant.ingest,
                     ingest::IngestSettings::Create(limits.ingest, std::move(classifier)));
  }
  api::TenantQuerySettings query;
  query.limits = limits.query;
  query.timeout = limits.query_timeout;
  query.volume_enabled = limits.volume_enabled;
  query.deletes_enabled = limits.deletion_mode != "disabled";
  query.max_concurrent_tail_requests = limits.max_concurrent_tail_requests;
  tenant.query = std::make_shared<const api::TenantQuerySettings>(std::move(query));
  return tenant;
}

const TenantLimitsTable::Tenant& TenantLimitsTable::Find(std::string_view tenant) const {
  const auto found = tenants_.find(tenant);
  return found == tenants_.end() ? default_ : found->second;
}

std::shared_ptr<const ingest::IngestSettings> TenantLimitsTable::SettingsOf(
    std::string_view tenant) {
  MutexLock lock(&mutex_);
  return Find(tenant).ingest;
}

std::shared_ptr<const api::TenantQuerySettings> TenantLimitsTable::QuerySettingsOf(
    std::string_view tenant) {
  MutexLock lock(&mutex_);
  return Find(tenant).query;
}

std::shared_ptr<const config::TenantLimits> TenantLimitsTable::LimitsOf(std::string_view tenant) {
  MutexLock lock(&mutex_);
  return Find(tenant).limits;
}

}  // namespace skald
