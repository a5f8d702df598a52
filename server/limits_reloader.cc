#include "server/limits_reloader.h"

#include <chrono>

#include "server/config/load.h"
#include "storage/base/log.h"

namespace skald {

LimitsReloader::LimitsReloader(const config::Config* config, TenantLimitsTable* table)
    : config_(config), table_(table) {
  const bool wanted =
      !config->runtime_config_file.empty() && config->runtime_config_period.count() > 0;
  if (wanted) thread_ = std::thread([this] { Run(); });
}

LimitsReloader::~LimitsReloader() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  wake_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void LimitsReloader::Run() {
  while (true) {
    {
      MutexLock lock(&mutex_);
      const auto next = std::chrono::steady_clock::now() + config_->runtime_config_period;
      while (!stopping_ && std::chrono::steady_clock::now() < next) {
        wake_.WaitFor(&mutex_, next - std::chrono::steady_clock::now());
      }
      if (stopping_) return;
    }
    Reload();
  }
}

void LimitsReloader::Reload() {
  const auto overrides = config::LoadOverrides(*config_);
  const Status status =
      overrides.ok() ? table_->Replace(config_->limits, *overrides) : overrides.status();
  const std::string error(Message(status));
  if (!status.ok() && error != last_error_) {
    SKALD_LOG(kError, "runtime configuration not reloaded, the last good one stays",
              {{"file", config_->runtime_config_file}, {"err", error}});
  }
  last_error_ = error;
}

}  // namespace skald
