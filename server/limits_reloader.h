// Reads the runtime overrides file again and again and hands what changed to the limits table.
#pragma once

#include <thread>

#include "server/config/config.h"
#include "server/tenant_limits.h"
#include "storage/base/mutex.h"

namespace skald {

// A file that cannot be read or is wrong is logged once per change; the limits in force stay.
// Threads: has one of its own; construction and destruction externally synchronised.
class LimitsReloader {
 public:
  // Does nothing when the configuration names no file. Both must outlive this.
  LimitsReloader(const config::Config* config, TenantLimitsTable* table);
  ~LimitsReloader();

 private:
  void Run();
  void Reload();

  const config::Config* const config_;
  TenantLimitsTable* const table_;
  std::string last_error_;
  Mutex mutex_;
  CondVar wake_;
  bool stopping_ SKALD_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace skald
