#include "server/tenant_settings.h"

namespace skald {

StatusOr<std::unique_ptr<TenantSettings>> TenantSettings::Create(
    const config::TenantLimits& limits, const config::TenantOverrides& overrides) {
  std::unique_ptr<TenantSettings> settings(new TenantSettings());
  ASSIGN_OR_RETURN(settings->default_, ingest::IngestSettings::Create(limits.ingest));
  for (const auto& [tenant, own] : overrides) {
    ASSIGN_OR_RETURN(settings->overrides_[tenant], ingest::IngestSettings::Create(own.ingest));
  }
  return settings;
}

std::shared_ptr<const ingest::IngestSettings> TenantSettings::SettingsOf(std::string_view tenant) {
  const auto found = overrides_.find(tenant);
  return found == overrides_.end() ? default_ : found->second;
}

}  // namespace skald
