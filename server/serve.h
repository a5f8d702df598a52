// Runs the server until the process is told to stop.
#pragma once

#include <functional>

#include "server/config/config.h"
#include "storage/base/status.h"

namespace skald {

// Serves until SIGTERM or SIGINT; returns the process' exit code. On SIGHUP the running server
// takes what it can of what `read_again` returns. REQUIRES: the process has started no thread yet,
// so that every thread inherits the blocked signals.
int Serve(const config::Config& config,
          const std::function<StatusOr<config::Config>()>& read_again);

}  // namespace skald
