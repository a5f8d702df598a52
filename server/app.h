// The server put together: engine, ingest, queries and transport, started and stopped in order.
#pragma once

#include <cstdint>
#include <memory>

#include "server/config/config.h"
#include "storage/base/status.h"

namespace skald {

// Threads: externally synchronised.
class App {
 public:
  // Opens the data directory, replays the log, listens. Requests are answered when this returns.
  static StatusOr<std::unique_ptr<App>> Start(const config::Config& config,
                                              const config::TenantOverrides& overrides);
  virtual ~App() = default;

  virtual uint16_t port() const = 0;

  // Refuses new requests, finishes those in hand, flushes what is in memory. Idempotent.
  virtual Status Stop() = 0;
};

}  // namespace skald
