// The settings that may change while the server runs: the configuration in force, the limits of all
// tenants and of single ones, and how long rows are kept.
//
// They change when the configuration file is read again (SIGHUP) and when a runtime overrides file
// has changed; either changes everything that follows from it, or nothing.
#pragma once

#include <memory>

#include "server/config/config.h"
#include "server/config/reload.h"
#include "server/tenant_limits.h"
#include "storage/base/guarded.h"
#include "storage/base/mutex.h"
#include "storage/engine.h"

namespace skald {

// Threads: thread-safe.
class LiveSettings {
 public:
  // Reads the runtime files, too. InvalidArgument, NotFound: they cannot be read, or settings that
  // cannot work.
  static StatusOr<std::unique_ptr<LiveSettings>> Create(const config::Config& config);

  std::shared_ptr<const config::Config> config() const { return *config_.Lock(); }
  TenantLimitsTable* limits() { return limits_.get(); }
  std::shared_ptr<const storage::RetentionPolicy> retention() const { return *retention_.Lock(); }
  // How many tenants have limits of their own.
  size_t tenants() const;

  // Hands every later change of retention to `engine`, which must outlive this; null: to nobody.
  void SetEngine(storage::Engine* engine);

  // Takes what a running server can take of a configuration that was read again. On an error
  // nothing changes.
  StatusOr<config::ConfigChanges> Apply(const config::Config& fresh);

  // Reads the runtime files again; returns whether they say anything else than before. On an error
  // nothing changes.
  StatusOr<bool> ReloadOverrides();

 private:
  LiveSettings() = default;
  Status Install(std::shared_ptr<const config::Config> config, config::TenantOverrides overrides)
      SKALD_REQUIRES(mutex_);

  mutable Mutex mutex_;  // held while settings change
  config::TenantOverrides overrides_ SKALD_GUARDED_BY(mutex_);
  storage::Engine* engine_ SKALD_GUARDED_BY(mutex_) = nullptr;

  std::unique_ptr<TenantLimitsTable> limits_;
  Guarded<std::shared_ptr<const config::Config>> config_;
  Guarded<std::shared_ptr<const storage::RetentionPolicy>> retention_;
};

}  // namespace skald
