#include "server/limits_reloader.h"

#include <chrono>

#include "storage/base/log.h"

namespace skald {
namespace {

// How often to see whether the configuration has come to name a file or a period.
constexpr std::chrono::seconds kIdlePeriod{10};

}  // namespace

LimitsReloader::LimitsReloader(LiveSettings* settings, const ReloadMetrics* metrics)
    : settings_(settings), metrics_(metrics), thread_([this] { Run(); }) {}

LimitsReloader::~LimitsReloader() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  wake_.NotifyAll();
  thread_.join();
}

void LimitsReloader::Run() {
  while (WaitForNext()) {
    const auto config = settings_->config();
    if (config->runtime_config_file.empty() || config->runtime_config_period.count() == 0) continue;
    Reload();
  }
}

bool LimitsReloader::WaitForNext() {
  const std::chrono::nanoseconds period = settings_->config()->runtime_config_period;
  const auto next = std::chrono::steady_clock::now() +
                    (period.count() > 0 ? period : std::chrono::nanoseconds(kIdlePeriod));
  MutexLock lock(&mutex_);
  while (!stopping_ && std::chrono::steady_clock::now() < next) {
    wake_.WaitFor(&mutex_, next - std::chrono::steady_clock::now());
  }
  return !stopping_;
}

void LimitsReloader::Reload() {
  const StatusOr<bool> changed = settings_->ReloadOverrides();
  metrics_->Observe(changed.ok());
  const std::string file = settings_->config()->runtime_config_file;
  if (changed.ok() && *changed) {
    SKALD_LOG(kInfo, "runtime configuration reloaded",
              {{"file", file}, {"tenants", settings_->tenants()}});
  }
  const std::string error(Message(changed.status()));
  if (!changed.ok() && error != last_error_) {
    SKALD_LOG(kError, "runtime configuration not reloaded, the last good one stays",
              {{"file", file}, {"err", error}});
  }
  last_error_ = error;
}

}  // namespace skald
