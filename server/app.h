// The server put together: opens the storage, starts pools and transport, and takes it all down
// again in the other order.
//
// Start: HTTP first (so that /ready can say "starting" while the log is replayed), then storage,
// then ready. Stop: not ready, requests in hand finish, pools end, storage is flushed and closed.
#pragma once

#include <cstdint>
#include <memory>

#include "server/config/config.h"
#include "storage/base/clock.h"
#include "storage/base/status.h"

namespace skald {

// Threads: externally synchronised.
class App {
 public:
  // Returns when the server is ready. Errors say what could not be had: the port, the data
  // directory, settings that cannot work. `clock` must outlive the app.
  static StatusOr<std::unique_ptr<App>> Start(const config::Config& config,
                                              Clock* clock = Clock::Real());
  // Stops, if Stop was not called.
  virtual ~App() = default;

  virtual uint16_t http_port() const = 0;

  // Takes what a running server can take of a configuration that was read again, and logs which
  // keys those are and which wait for a restart. On an error, such as that of reading it, the
  // settings in force stay.
  virtual Status Reload(const StatusOr<config::Config>& fresh) = 0;

  // Stops within about the graceful shutdown timeout; what was acknowledged is stored. Idempotent.
  virtual Status Stop() = 0;
};

}  // namespace skald
