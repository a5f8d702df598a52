// Reads the runtime overrides files again and again, so that what changed in them takes effect.
#pragma once

#include <string>
#include <thread>

#include "server/live_settings.h"
#include "server/process_metrics.h"
#include "storage/base/mutex.h"

namespace skald {

// A file that cannot be read or is wrong is logged once per error; the settings in force stay.
// Threads: has one of its own; construction and destruction externally synchronised.
class LimitsReloader {
 public:
  // Both must outlive this.
  LimitsReloader(LiveSettings* settings, const ReloadMetrics* metrics);
  ~LimitsReloader();

 private:
  void Run();
  // False when it is time to stop.
  bool WaitForNext() SKALD_EXCLUDES(mutex_);
  void Reload();

  LiveSettings* const settings_;
  const ReloadMetrics* const metrics_;
  std::string last_error_;
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ SKALD_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace skald
