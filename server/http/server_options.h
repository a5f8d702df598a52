// How the transport treats its clients.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "server/http/tls_options.h"
#include "storage/base/clock.h"
#include "storage/base/memory_budget.h"

namespace skald::http {

struct ServerOptions {
  std::string address;  // empty: every address
  uint16_t port = 0;    // 0: any free one
  int threads = 1;
  TlsOptions tls;  // plain HTTP unless it is enabled

  // A connection above this number waits to be accepted until one ends; on each network thread the
  // one that has waited longest for a request is ended for it.
  size_t max_connections = 10000;
  // From the first byte of a request to the last of its head; also until the first byte comes.
  std::chrono::nanoseconds head_timeout = std::chrono::seconds(30);
  // For a request's body.
  std::chrono::nanoseconds read_timeout = std::chrono::seconds(30);
  // For each piece of a response (about 64 KiB); all of it may take this long beside
  // SlowestReadTime.
  std::chrono::nanoseconds write_timeout = std::chrono::seconds(30);
  // Between requests.
  std::chrono::nanoseconds idle_timeout = std::chrono::minutes(2);
  // Request line and headers.
  uint32_t max_head_bytes = 1 << 20;
  // Bodies and long heads are charged to it before they are read; a body over a quarter of its
  // limit is refused. Null: unbounded.
  MemoryBudget* memory = nullptr;
  // How long a request waits for memory before it is refused.
  std::chrono::nanoseconds memory_wait = std::chrono::seconds(2);
  const Clock* clock = Clock::Real();
};

}  // namespace skald::http
