// The ingest settings of each tenant, made once from its limits.
#pragma once

#include <memory>
#include <string_view>

#include "ingest/settings.h"
#include "server/config/config.h"
#include "storage/base/strings.h"

namespace skald {

// Threads: immutable once created.
class TenantSettings : public ingest::LimitsProvider {
 public:
  // InvalidArgument when some tenant's limits cannot work.
  static StatusOr<std::unique_ptr<TenantSettings>> Create(const config::TenantLimits& limits,
                                                          const config::TenantOverrides& overrides);

  std::shared_ptr<const ingest::IngestSettings> SettingsOf(std::string_view tenant) override;

 private:
  TenantSettings() = default;
  std::shared_ptr<const ingest::IngestSettings> default_;
  StringMap<std::shared_ptr<const ingest::IngestSettings>> overrides_;
};

}  // namespace skald
