// Pushes lines of the present at a steady rate for some time, as running services do.
//
// No two rows are equal: every line has a nanosecond of its own.
#pragma once

#include <cstdint>
#include <vector>

#include "storage/base/status.h"
#include "tools/bench/body_generator.h"
#include "tools/bench/load_meter.h"
#include "tools/bench/push_connection.h"
#include "tools/bench/service.h"

namespace skald::bench {

struct SteadyLoadOptions {
  PushTarget target;
  BodyOptions bodies;
  uint32_t connections = 4;
  double line_bytes_per_second = 20e6;
  double seconds = 60;
  // The share of bodies that are sent a second time though they were taken, some bodies later.
  double resend = 0;
};

// A body that is answered 429 or 503 is sent again until it is taken. Unavailable: the server
// cannot be reached.
StatusOr<LoadResult> RunSteadyLoad(const std::vector<Service>& services,
                                   const SteadyLoadOptions& options);

}  // namespace skald::bench
