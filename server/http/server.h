// The HTTP server: a listener and a few network threads, each with its own event loop and
// connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "server/http/server_options.h"
#include "server/http/service.h"
#include "storage/base/status.h"

namespace skald::http {

// Threads: externally synchronised, but for port() and connections().
class Server {
 public:
  // Listens and serves from now on. `service` must outlive the server. Unavailable when the port
  // cannot be had; InvalidArgument when the TLS settings cannot work.
  static StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options, Service* service);
  // REQUIRES: every exchange that was begun has responded, or Stop was called.
  virtual ~Server() = default;

  virtual uint16_t port() const = 0;
  virtual size_t connections() const = 0;

  // Accepts no more, ends idle connections and lets requests in hand finish for at most `grace`;
  // then tells them to stop and hangs up. Returns when every exchange has responded. Idempotent.
  virtual void Stop(std::chrono::nanoseconds grace) = 0;
};

}  // namespace skald::http
