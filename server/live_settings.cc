#include "server/live_settings.h"

#include <utility>

#include "server/config/load.h"
#include "server/retention_policy.h"

namespace skald {

StatusOr<std::unique_ptr<LiveSettings>> LiveSettings::Create(const config::Config& config) {
  std::unique_ptr<LiveSettings> settings(new LiveSettings());
  ASSIGN_OR_RETURN(config::TenantOverrides overrides, config::LoadOverrides(config));
  ASSIGN_OR_RETURN(settings->limits_, TenantLimitsTable::Create(config.limits, overrides));
  MutexLock lock(&settings->mutex_);
  RETURN_IF_ERROR(
      settings->Install(std::make_shared<const config::Config>(config), std::move(overrides)));
  return settings;
}

size_t LiveSettings::tenants() const {
  MutexLock lock(&mutex_);
  return overrides_.size();
}

void LiveSettings::SetEngine(storage::Engine* engine) {
  MutexLock lock(&mutex_);
  engine_ = engine;
}

StatusOr<config::ConfigChanges> LiveSettings::Apply(const config::Config& fresh) {
  MutexLock lock(&mutex_);
  config::ConfigChanges changes;
  auto merged =
      std::make_shared<const config::Config>(config::Reloaded(*config(), fresh, &changes));
  ASSIGN_OR_RETURN(config::TenantOverrides overrides, config::LoadOverrides(*merged));
  RETURN_IF_ERROR(Install(std::move(merged), std::move(overrides)));
  return changes;
}

StatusOr<bool> LiveSettings::ReloadOverrides() {
  MutexLock lock(&mutex_);
  auto current = config();
  ASSIGN_OR_RETURN(config::TenantOverrides overrides, config::LoadOverrides(*current));
  if (overrides == overrides_) return false;
  RETURN_IF_ERROR(Install(std::move(current), std::move(overrides)));
  return true;
}

Status LiveSettings::Install(std::shared_ptr<const config::Config> config,
                             config::TenantOverrides overrides) {
  ASSIGN_OR_RETURN(auto retention, MakeRetentionPolicy(config->limits, overrides));
  RETURN_IF_ERROR(limits_->Replace(config->limits, overrides));
  *config_.Lock() = std::move(config);
  *retention_.Lock() = retention;
  overrides_ = std::move(overrides);
  if (engine_ != nullptr) engine_->SetRetention(std::move(retention));
  return absl::OkStatus();
}

}  // namespace skald
