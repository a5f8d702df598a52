// Runs the server until the process is told to stop.
#pragma once

#include "server/config/config.h"

namespace skald {

// Serves until SIGTERM or SIGINT; returns the process' exit code. REQUIRES: the process has started
// no thread yet, so that every thread inherits the blocked signals.
int Serve(const config::Config& config);

}  // namespace skald
