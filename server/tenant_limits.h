// The limits of every tenant, from the configuration and the runtime overrides file, which is read
// again every now and then.
#pragma once

#include <memory>
#include <string_view>

#include "ingest/settings.h"
#include "server/api/context.h"
#include "server/config/config.h"
#include "storage/base/mutex.h"
#include "storage/base/strings.h"

namespace skald {

// Threads: thread-safe.
class TenantLimitsTable final : public ingest::LimitsProvider, public api::QuerySettingsProvider {
 public:
  // InvalidArgument when limits cannot work, such as a regex that does not compile.
  static StatusOr<std::unique_ptr<TenantLimitsTable>> Create(
      const config::TenantLimits& defaults, const config::TenantOverrides& overrides);

  // Takes other overrides; on an error those in force stay.
  Status Replace(const config::TenantLimits& defaults, const config::TenantOverrides& overrides);

  std::shared_ptr<const ingest::IngestSettings> SettingsOf(std::string_view tenant) override;
  std::shared_ptr<const api::TenantQuerySettings> QuerySettingsOf(std::string_view tenant) override;
  std::shared_ptr<const config::TenantLimits> LimitsOf(std::string_view tenant);

 private:
  struct Tenant {
    std::shared_ptr<const config::TenantLimits> limits;
    std::shared_ptr<const ingest::IngestSettings> ingest;
    std::shared_ptr<const api::TenantQuerySettings> query;
  };
  TenantLimitsTable() = default;

  // `before`, if any, keeps its parts where they would be equal.
  static StatusOr<Tenant> MakeTenant(const config::TenantLimits& limits, const Tenant* before);
  const Tenant& Find(std::string_view tenant) const SKALD_REQUIRES(mutex_);

  Mutex mutex_;
  Tenant default_ SKALD_GUARDED_BY(mutex_);
  StringMap<Tenant> tenants_ SKALD_GUARDED_BY(mutex_);
};

}  // namespace skald
